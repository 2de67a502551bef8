// Seals to the organization's public key before anything leaves the page, or waits in it: HPKE (RFC 9180),
// base mode, DHKEM(P-256, HKDF-SHA256), HKDF-SHA256, AES-256-GCM, with what the browser has built in. Not
// even this page can open it again.

export interface SealingKey { id: string; public: string } // base64: an uncompressed point
export interface Sealed { key: string; enc: string; text: string } // base64

type Chunk = Uint8Array<ArrayBuffer>;
const none = new Uint8Array(0);

function joined(...parts: Chunk[]): Chunk {
  const all = new Uint8Array(parts.reduce((size, part) => size + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}
const bytes = (text: string): Chunk => new TextEncoder().encode(text);
const base64 = (raw: Chunk): string => btoa(raw.reduce((text, byte) => text + String.fromCharCode(byte), ""));
export const fromBase64 = (text: string): Chunk => Uint8Array.from(atob(text), (c) => c.charCodeAt(0));

async function hmac(key: Chunk, data: Chunk): Promise<Chunk> {
  // No key at all is a key of zeros; the browser takes none that is empty.
  const made = await crypto.subtle.importKey("raw", key.length === 0 ? new Uint8Array(32) : key, { name: "HMAC", hash: "SHA-256" }, false, ["sign"]);
  return new Uint8Array(await crypto.subtle.sign("HMAC", made, data));
}

const kem = joined(bytes("KEM"), new Uint8Array([0, 0x10]));
const suite = joined(bytes("HPKE"), new Uint8Array([0, 0x10, 0, 1, 0, 2]));
const extract = (of: Chunk, salt: Chunk, label: string, ikm: Chunk) => hmac(salt, joined(bytes("HPKE-v1"), of, bytes(label), ikm));
const expand = async (of: Chunk, prk: Chunk, label: string, info: Chunk, size: number) =>
  (await hmac(prk, joined(new Uint8Array([0, size]), bytes("HPKE-v1"), of, bytes(label), info, new Uint8Array([1])))).slice(0, size);

// `info` says what it is for, `context` what it belongs to: it opens nowhere else.
export async function seal(key: SealingKey, info: string, context: string, text: string): Promise<Sealed> {
  const receiver = fromBase64(key.public);
  const curve = { name: "ECDH", namedCurve: "P-256" } as const;
  const theirs = await crypto.subtle.importKey("raw", receiver, curve, false, []);
  const own = await crypto.subtle.generateKey(curve, false, ["deriveBits"]);
  const enc = new Uint8Array(await crypto.subtle.exportKey("raw", own.publicKey));
  const dh = new Uint8Array(await crypto.subtle.deriveBits({ name: "ECDH", public: theirs }, own.privateKey, 256));
  const shared = await expand(kem, await extract(kem, none, "eae_prk", dh), "shared_secret", joined(enc, receiver), 32);
  const schedule = joined(new Uint8Array([0]), await extract(suite, none, "psk_id_hash", none), await extract(suite, none, "info_hash", bytes(info)));
  const secret = await extract(suite, shared, "secret", none);
  const cipher = await crypto.subtle.importKey("raw", await expand(suite, secret, "key", schedule, 32), "AES-GCM", false, ["encrypt"]);
  const iv = await expand(suite, secret, "base_nonce", schedule, 12);
  const sealed = await crypto.subtle.encrypt({ name: "AES-GCM", iv, additionalData: bytes(context) }, cipher, bytes(text));
  return { key: key.id, enc: base64(enc), text: base64(new Uint8Array(sealed)) };
}
