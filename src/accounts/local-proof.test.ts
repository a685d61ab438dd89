import { chmodSync, mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { isLocalProof, localProof, localSecret, readLocalSecret } from "./local-proof.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), "puna-local-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const asked = { method: "POST", path: "/puna/keys?x=1" };

test("the secret is made once, for its owner alone", () => {
  const home = path.join(folder, "home");
  expect(readLocalSecret(home)).toBeUndefined();
  const secret = localSecret(home);
  expect(secret).toMatch(/^[0-9a-f]{64}$/);
  expect([localSecret(home), readLocalSecret(home)]).toEqual([secret, secret]);
  if (process.platform !== "win32") expect(statSync(path.join(home, "local-secret")).mode & 0o777).toBe(0o600);
});

test("a file that is no secret, or that others may read, gives no proof", () => {
  writeFileSync(path.join(folder, "local-secret"), "0".repeat(63));
  expect(localSecret(folder)).toBeUndefined();
  expect(localSecret(path.join(folder, "local-secret"))).toBeUndefined();
});

test.skipIf(process.platform === "win32")("a secret that others may read is none", () => {
  localSecret(folder);
  chmodSync(path.join(folder, "local-secret"), 0o644);
  expect(readLocalSecret(folder)).toBeUndefined();
});

test("a proof is for one request, one secret and about a minute", () => {
  const [secret, other] = ["a".repeat(64), "b".repeat(64)];
  const at = 1_700_000_000_000;
  const proof = localProof(secret, asked, at);
  expect(isLocalProof(proof, secret, asked, at + 59_000)).toBe(true);
  expect(isLocalProof(proof, secret, asked, at + 62_000)).toBe(false);
  expect(isLocalProof(proof, secret, asked, at - 62_000)).toBe(false);
  expect(isLocalProof(proof, other, asked, at)).toBe(false);
  expect(isLocalProof(proof, secret, { ...asked, method: "GET" }, at)).toBe(false);
  expect(isLocalProof(proof, secret, { ...asked, path: "/puna/keys" }, at)).toBe(false);
  for (const wrong of ["", "Puna-Local", proof.slice(0, -1), `${proof}0`, proof.toUpperCase(), "Bearer x"])
    expect(isLocalProof(wrong, secret, asked, at)).toBe(false);
});
