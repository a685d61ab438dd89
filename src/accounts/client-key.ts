/** The ed25519 keys by which registry clients of Ollama's kind say who they are: OpenSSH's public form. */
import { createHash, createPublicKey, type KeyObject, verify } from "node:crypto";
import { Invalid } from "../errors.ts";

/** The wire form of such a key: two strings with their lengths before them, `ssh-ed25519` and 32 bytes. */
const HEAD = Buffer.from("0000000b7373682d6564323535313900000020", "hex");
/** What goes before the 32 bytes to make them a SubjectPublicKeyInfo (RFC 8410). */
const SPKI_HEAD = Buffer.from("302a300506032b6570032100", "hex");

/** Names a public key in the database: SHA-256 of its wire form, in hex. Throws Invalid for a line that is none. */
export function clientId(line: string): string {
  const [type, text = ""] = line.trim().split(/\s+/);
  const blob = Buffer.from(text, "base64");
  if (type !== "ssh-ed25519" || !keyOf(blob)) {
    throw new Invalid("this is no ed25519 public key (expected a line such as 'ssh-ed25519 AAAA…', from id_ed25519.pub)");
  }
  return idOf(blob);
}

/** Who signed: `authorization` is `<public key>:<signature>`, both in base64. Undefined when the signature is not right. */
export function signerOf(authorization: string, signed: string): string | undefined {
  const [, key = "", signature = ""] = /^([A-Za-z0-9+/=]{1,200}):([A-Za-z0-9+/=]{1,200})$/.exec(authorization) ?? [];
  const blob = Buffer.from(key, "base64");
  const publicKey = keyOf(blob);
  if (!publicKey || !verify(null, Buffer.from(signed), publicKey, Buffer.from(signature, "base64"))) return undefined;
  return idOf(blob);
}

function idOf(blob: Buffer): string {
  return createHash("sha256").update(blob).digest("hex");
}

function keyOf(blob: Buffer): KeyObject | undefined {
  if (blob.length !== HEAD.length + 32 || !blob.subarray(0, HEAD.length).equals(HEAD)) return undefined;
  const der = Buffer.concat([SPKI_HEAD, blob.subarray(HEAD.length)]);
  return createPublicKey({ key: der, format: "der", type: "spki" });
}
