// Passkeys in the browser (WebAuthn level 2): bytes to base64url and back.
import { api, ask, type Schemas } from "./client";

function toBytes(text: string): Uint8Array<ArrayBuffer> {
  const plain = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
  return Uint8Array.from(plain, (c) => c.charCodeAt(0));
}

function toText(buffer: ArrayBuffer): string {
  const plain = String.fromCharCode(...new Uint8Array(buffer));
  return btoa(plain).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

async function assertion(challenge: Schemas["Challenge"]): Promise<Schemas["Assertion"]> {
  const credential = (await navigator.credentials.get({
    publicKey: {
      challenge: toBytes(challenge.challenge),
      rpId: challenge.site,
      userVerification: "required",
      allowCredentials: (challenge.passkeys ?? []).map((id) => ({ type: "public-key", id: toBytes(id) })),
    },
  })) as PublicKeyCredential;
  const response = credential.response as AuthenticatorAssertionResponse;
  return {
    id: credential.id,
    client_data: toText(response.clientDataJSON),
    authenticator_data: toText(response.authenticatorData),
    signature: toText(response.signature),
  };
}

export async function signInWithPasskey(): Promise<Schemas["SignedIn"]> {
  const challenge = await ask(api.POST("/api/v1/session/passkey/options", { body: {} }));
  return ask(api.POST("/api/v1/session/passkey", { body: await assertion(challenge) }));
}

export async function stepUpWithPasskey(): Promise<Schemas["SignedIn"]> {
  const challenge = await ask(api.POST("/api/v1/session/step-up/options", { body: {} }));
  return ask(api.POST("/api/v1/session/step-up", { body: await assertion(challenge) }));
}

interface NewKey {
  site: string;
  challenge: string;
  passkeys: string[];
  user: { id: string; login: string; name: string };
}

async function creation(key: NewKey): Promise<Omit<Schemas["Registration"], "label">> {
  const credential = (await navigator.credentials.create({
    publicKey: {
      challenge: toBytes(key.challenge),
      rp: { id: key.site, name: "Fiducia" },
      user: { id: new TextEncoder().encode(key.user.id), name: key.user.login, displayName: key.user.name },
      pubKeyCredParams: [-7, -8, -257].map((alg) => ({ type: "public-key", alg })),
      authenticatorSelection: { residentKey: "required", userVerification: "required" },
      excludeCredentials: key.passkeys.map((id) => ({ type: "public-key", id: toBytes(id) })),
    },
  })) as PublicKeyCredential;
  const response = credential.response as AuthenticatorAttestationResponse;
  return {
    client_data: toText(response.clientDataJSON),
    authenticator_data: toText(response.getAuthenticatorData()),
    algorithm: response.getPublicKeyAlgorithm(),
  };
}

export async function registerPasskey(user: NewKey["user"], label: string): Promise<Schemas["SignedIn"]> {
  const challenge = await ask(api.POST("/api/v1/session/step-up/options", { body: {} }));
  const made = await creation({ ...challenge, passkeys: challenge.passkeys ?? [], user });
  return ask(api.POST("/api/v1/me/passkeys", { body: { ...made, label } }));
}

// A customer's own: the handle names nobody, and the name is what the device shows in its list.
export async function leavePasskey(name: string): Promise<void> {
  const offer = await ask(api.POST("/api/v1/portal/passkeys/options", { body: {} }));
  const made = await creation({ ...offer, user: { id: offer.handle, login: name, name } });
  await ask(api.POST("/api/v1/portal/passkeys", { body: made }));
}

export async function enterWithPasskey(): Promise<{ csrf: string }> {
  const challenge = await ask(api.POST("/api/v1/portal/passkey/options", { body: {} }));
  return ask(api.POST("/api/v1/portal/passkey", { body: await assertion(challenge) }));
}
