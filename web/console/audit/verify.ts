// Checks one entry of the log here, in the browser: the server's word is not taken for it.
// Tree: RFC 6962. Checkpoint: C2SP signed note, Ed25519.
import { api, ask, readText } from "../../api/client";

const utf8 = new TextEncoder();
type Bytes = Uint8Array<ArrayBuffer>;

function fromBase64(text: string): Bytes {
  return Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
}

async function sha256(...parts: Bytes[]): Promise<Bytes> {
  const whole = new Uint8Array(parts.reduce((sum, p) => sum + p.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return new Uint8Array(await crypto.subtle.digest("SHA-256", whole));
}

const same = (a: Bytes, b: Bytes) => a.length === b.length && a.every((byte, i) => byte === b[i]);
const node = (left: Bytes, right: Bytes) => sha256(Uint8Array.of(1), left, right);

// RFC 9162, section 2.1.3.2.
export async function rootFrom(entry: Bytes, place: number, size: number, path: Bytes[]): Promise<Bytes | undefined> {
  let fn = place;
  let sn = size - 1;
  let hash = await sha256(Uint8Array.of(0), entry);
  for (const step of path) {
    if (sn === 0) return undefined;
    if (fn % 2 === 1 || fn === sn) {
      hash = await node(step, hash);
      while (fn % 2 === 0 && fn !== 0) {
        fn = Math.floor(fn / 2);
        sn = Math.floor(sn / 2);
      }
    } else {
      hash = await node(hash, step);
    }
    fn = Math.floor(fn / 2);
    sn = Math.floor(sn / 2);
  }
  return sn === 0 ? hash : undefined;
}

export interface Checkpoint {
  origin: string;
  size: number;
  root: Bytes;
}

// Errors: a text that says what does not hold.
export async function openCheckpoint(note: string, verifier: string): Promise<Checkpoint> {
  const split = note.indexOf("\n\n");
  const text = note.slice(0, split + 1);
  const [origin = "", size = "", root = ""] = text.split("\n");
  // name+hash+key (C2SP): base64 may hold a + too, a name and a hash do not.
  const [name = "", hash = "", ...rest] = verifier.trim().split("+");
  const keyText = rest.join("+");
  if (hash === "") throw new Error("verifier_malformed");
  const keyBytes = fromBase64(keyText);
  const line = note.slice(split + 2).split("\n").find((l) => l.startsWith(`— ${name} `));
  if (split < 0 || keyBytes[0] !== 1 || line === undefined) throw new Error("signature_missing");
  const signature = fromBase64(line.split(" ")[2] ?? "").slice(4);
  const key = await crypto.subtle.importKey("raw", keyBytes.slice(1), "Ed25519", false, ["verify"]);
  if (!(await crypto.subtle.verify("Ed25519", key, signature, utf8.encode(text)))) throw new Error("signature_wrong");
  return { origin, size: Number(size), root: fromBase64(root) };
}

export interface Verified {
  checkpoint: Checkpoint;
  place: number;
}

export async function verifyLeaf(place: number): Promise<Verified> {
  const note = await readText("/api/v1/audit/checkpoint");
  const verifier = await readText("/api/v1/audit/verifier");
  const checkpoint = await openCheckpoint(note, verifier);
  const { leaves } = await ask(api.GET("/api/v1/audit/leaves", { params: { query: { from: place, to: place + 1 } } }));
  const { hashes } = await ask(api.GET("/api/v1/audit/proof/inclusion", { params: { query: { leaf: place, size: checkpoint.size } } }));
  const entry = leaves[0]?.entry;
  if (entry === undefined) throw new Error("leaf_missing");
  const root = await rootFrom(fromBase64(entry), place, checkpoint.size, hashes.map(fromBase64));
  if (root === undefined || !same(root, checkpoint.root)) throw new Error("not_in_tree");
  return { checkpoint, place };
}
