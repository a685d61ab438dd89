/**
 * This installation's ed25519 key, in OpenSSH's file format, with which registries know it.
 * Format: the file PROTOCOL.key of OpenSSH, and RFC 8709 for the key blob.
 */
import { createPrivateKey, generateKeyPairSync, type KeyObject, randomBytes, sign } from "node:crypto";
import { link, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { codeOf, Failed, messageOf } from "../errors.ts";
import { logger } from "../log.ts";

const log = logger("registry");
const MAGIC = Buffer.from("openssh-key-v1\0");
const TYPE = "ssh-ed25519";
/** What stands before the 32 bytes of an ed25519 seed in PKCS #8 (RFC 8410). */
const PKCS8_HEAD = Buffer.from("302e020100300506032b657004220420", "hex");

export interface SigningKey {
  /** The base64 key blob, as in the second field of a `.pub` file. */
  publicKey: string;
  /** Base64 of the raw 64-byte signature. */
  sign(text: string): string;
}

/** The key of `folder`, made if there is none. Throws Failed for a key that cannot be used. */
export async function openKey(folder: string): Promise<SigningKey> {
  const file = path.join(folder, "id_ed25519");
  let text = await readKeyFile(file);
  if (text === undefined) {
    await makeKey(file);
    text = await readKeyFile(file);
  }
  try {
    return parseKey(text ?? "");
  } catch (error) {
    throw new Failed(`the key ${file} cannot be used: ${messageOf(error)}; move it away, and a new one is made`, {
      cause: error,
    });
  }
}

/** Reads an unencrypted ed25519 key. Throws an Error that says what is wrong with it. */
export function parseKey(text: string): SigningKey {
  const body = /-----BEGIN OPENSSH PRIVATE KEY-----([A-Za-z0-9+/=\s]*)-----END OPENSSH PRIVATE KEY-----/.exec(text)?.[1];
  if (body === undefined) throw new Error("it is no OpenSSH private key");
  const bytes = Buffer.from(body, "base64");
  if (!bytes.subarray(0, MAGIC.length).equals(MAGIC)) throw new Error("it is no OpenSSH private key of version 1");
  const outer = fields(bytes.subarray(MAGIC.length));
  const cipher = outer.take().toString();
  if (cipher !== "none") throw new Error(`it is encrypted (${cipher}); take its passphrase off`);
  outer.take();
  outer.take();
  if (outer.u32() !== 1) throw new Error("it does not hold exactly one key");
  outer.take();
  const inner = fields(outer.take());
  const check = inner.u32();
  if (inner.u32() !== check) throw new Error("its check numbers differ");
  const type = inner.take().toString();
  if (type !== TYPE) throw new Error(`it is of type ${type}, not ${TYPE}`);
  const publicBytes = inner.take();
  const seed = inner.take().subarray(0, 32);
  if (publicBytes.length !== 32 || seed.length !== 32) throw new Error("its parts are of a wrong length");
  const key = createPrivateKey({ key: Buffer.concat([PKCS8_HEAD, seed]), format: "der", type: "pkcs8" });
  return {
    publicKey: keyBlob(publicBytes).toString("base64"),
    sign: (message) => sign(null, Buffer.from(message), key).toString("base64"),
  };
}

/** The text of a private key file for a new key, and its `.pub` line. */
export function newKey(): { privateText: string; publicLine: string } {
  const { privateKey } = generateKeyPairSync("ed25519");
  const { seed, publicBytes } = rawParts(privateKey);
  const check = randomBytes(4);
  const blob = keyBlob(publicBytes);
  const inner = Buffer.concat([
    check,
    check,
    field(TYPE),
    field(publicBytes),
    field(Buffer.concat([seed, publicBytes])),
    field(""),
  ]);
  const padding = Buffer.from(Array.from({ length: (8 - (inner.length % 8)) % 8 }, (_, i) => i + 1));
  const outer = [MAGIC, field("none"), field("none"), field(""), u32(1), field(blob), field(Buffer.concat([inner, padding]))];
  const lines =
    Buffer.concat(outer)
      .toString("base64")
      .match(/.{1,70}/g) ?? [];
  return {
    privateText: `-----BEGIN OPENSSH PRIVATE KEY-----\n${lines.join("\n")}\n-----END OPENSSH PRIVATE KEY-----\n`,
    publicLine: `${TYPE} ${blob.toString("base64")}\n`,
  };
}

async function readKeyFile(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, "utf8");
  } catch (error) {
    if (codeOf(error) === "ENOENT") return undefined;
    throw new Failed(`the key ${file} cannot be read: ${messageOf(error)}`, { cause: error });
  }
}

/** Whole or not at all, and never over a key that another process made meanwhile. */
async function makeKey(file: string): Promise<void> {
  const { privateText, publicLine } = newKey();
  const temporary = `${file}.${randomBytes(6).toString("hex")}`;
  try {
    await mkdir(path.dirname(file), { recursive: true });
    await writeFile(temporary, privateText, { mode: 0o600, flag: "wx" });
    await link(temporary, file);
    await writeFile(`${file}.pub`, publicLine, { mode: 0o644 });
    log.info("made a key with which registries know this installation", { file });
  } catch (error) {
    if (codeOf(error) !== "EEXIST") throw new Failed(`no key can be made at ${file}: ${messageOf(error)}`, { cause: error });
  } finally {
    await rm(temporary, { force: true });
  }
}

function rawParts(key: KeyObject): { seed: Buffer; publicBytes: Buffer } {
  const { d = "", x = "" } = key.export({ format: "jwk" });
  return { seed: Buffer.from(d, "base64url"), publicBytes: Buffer.from(x, "base64url") };
}

function keyBlob(publicBytes: Buffer): Buffer {
  return Buffer.concat([field(TYPE), field(publicBytes)]);
}

function field(content: string | Buffer): Buffer {
  const bytes = Buffer.from(content);
  return Buffer.concat([u32(bytes.length), bytes]);
}

function u32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

/** Reads length-prefixed fields one after the other. Throws when the bytes end first. */
function fields(bytes: Buffer) {
  let at = 0;
  const u32 = () => {
    if (at + 4 > bytes.length) throw new Error("it ends too early");
    at += 4;
    return bytes.readUInt32BE(at - 4);
  };
  const take = () => {
    const length = u32();
    if (at + length > bytes.length) throw new Error("it ends too early");
    at += length;
    return bytes.subarray(at - length, at);
  };
  return { u32, take };
}
