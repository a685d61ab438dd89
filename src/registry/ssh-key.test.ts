import { execFileSync } from "node:child_process";
import { createPublicKey, verify } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import fc from "fast-check";
import { afterAll, expect, test } from "vitest";
import { configureLog } from "../log.ts";
import { newKey, openKey, parseKey } from "./ssh-key.ts";

configureLog({ write: () => {} });
const folder = mkdtempSync(path.join(os.tmpdir(), "puna-key-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function isSigned(publicKey: string, text: string, signature: string): boolean {
  const x = Buffer.from(publicKey, "base64").subarray(-32).toString("base64url");
  const key = createPublicKey({ key: { kty: "OKP", crv: "Ed25519", x }, format: "jwk" });
  return verify(null, Buffer.from(text), key, Buffer.from(signature, "base64"));
}

test("a key is made once, for this user alone", async () => {
  const [one, other] = await Promise.all([openKey(path.join(folder, "new")), openKey(path.join(folder, "new"))]);
  expect(one.publicKey).toBe(other.publicKey);
  const file = path.join(folder, "new", "id_ed25519");
  expect(statSync(file).mode & 0o777).toBe(0o600);
  expect(readFileSync(`${file}.pub`, "utf8")).toBe(`ssh-ed25519 ${one.publicKey}\n`);
  const signature = one.sign("text");
  expect(Buffer.from(signature, "base64")).toHaveLength(64);
  expect(isSigned(one.publicKey, "text", signature)).toBe(true);
  expect(isSigned(one.publicKey, "other", signature)).toBe(false);
});

const hasKeygen = (() => {
  try {
    execFileSync("ssh-keygen", ["-?"], { stdio: "ignore" });
    return true;
  } catch (error) {
    return !(error instanceof Error && "code" in error && error.code === "ENOENT");
  }
})();

test.skipIf(!hasKeygen)("OpenSSH reads ours, we read OpenSSH's (needs ssh-keygen)", async () => {
  const ours = path.join(folder, "ours");
  const { publicKey } = await openKey(ours);
  const read = execFileSync("ssh-keygen", ["-y", "-f", path.join(ours, "id_ed25519")], { encoding: "utf8" });
  expect(read.split(" ")[1]?.trim()).toBe(publicKey);
  const theirs = path.join(folder, "theirs");
  execFileSync("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-C", "a comment", "-f", theirs]);
  const key = parseKey(readFileSync(theirs, "utf8"));
  expect(readFileSync(`${theirs}.pub`, "utf8")).toContain(key.publicKey);
  expect(isSigned(key.publicKey, "x", key.sign("x"))).toBe(true);
  execFileSync("ssh-keygen", ["-q", "-t", "ed25519", "-N", "secret", "-f", `${theirs}2`]);
  expect(() => parseKey(readFileSync(`${theirs}2`, "utf8"))).toThrow("it is encrypted (aes256-ctr); take its passphrase off");
});

test("a key that cannot be used is left alone", async () => {
  const file = path.join(folder, "id_ed25519");
  writeFileSync(file, "garbage");
  await expect(openKey(folder)).rejects.toThrow(`the key ${file} cannot be used: it is no OpenSSH private key; move it away`);
  expect(readFileSync(file, "utf8")).toBe("garbage");
});

test("damaged keys are errors, never other keys", () => {
  const { privateText, publicLine } = newKey();
  const body = Buffer.from(privateText.replace(/-----.*-----/g, ""), "base64");
  const wrap = (bytes: Buffer) =>
    `-----BEGIN OPENSSH PRIVATE KEY-----\n${bytes.toString("base64")}\n-----END OPENSSH PRIVATE KEY-----`;
  expect(`ssh-ed25519 ${parseKey(wrap(body)).publicKey}\n`).toBe(publicLine);
  fc.assert(
    fc.property(fc.nat(body.length - 1), (length) => {
      // The padding at the end may be missing; everything before it may not.
      if (length > body.length - 8) return;
      expect(() => parseKey(wrap(body.subarray(0, length)))).toThrow();
    }),
  );
});
