import { generateKeyPairSync, sign } from "node:crypto";
import fc from "fast-check";
import { expect, test } from "vitest";
import { clientId, signerOf } from "./client-key.ts";

const head = Buffer.from("0000000b7373682d6564323535313900000020", "hex");
const wire = (bytes: Uint8Array) => Buffer.concat([head, bytes]).toString("base64");
const pair = generateKeyPairSync("ed25519");
const key = wire(pair.publicKey.export({ type: "spki", format: "der" }).subarray(-32));
const signature = (text: string) => sign(null, Buffer.from(text), pair.privateKey).toString("base64");

test("who signed is who the public key's line names", () => {
  const id = clientId(`ssh-ed25519 ${key} me@laptop\n`);
  expect(id).toMatch(/^[0-9a-f]{64}$/);
  expect(signerOf(`${key}:${signature("GET,x")}`, "GET,x")).toBe(id);
  expect(signerOf(`${key}:${signature("GET,x")}`, "GET,y")).toBeUndefined();
});

test.each(["", "ssh-ed25519", `ssh-rsa ${key}`, "ssh-ed25519 AAAA", key, `ssh-ed25519 ${wire(new Uint8Array(31))}`])(
  "%s is no public key",
  (line) => {
    expect(() => clientId(line)).toThrow("this is no ed25519 public key (expected a line such as 'ssh-ed25519 AAAA…'");
  },
);

test("any other header is nobody's, and none of them throws", () => {
  // Never a point of small order, such as zero: those verify nearly anything, and are nobody's key.
  const bytes = (length: number) => fc.uint8Array({ minLength: length, maxLength: length, min: 2 });
  const header = fc.oneof(
    fc.string(),
    fc.tuple(fc.base64String(), fc.base64String()).map((parts) => parts.join(":")),
    fc.tuple(bytes(32), bytes(64)).map(([point, end]) => `${wire(point)}:${Buffer.from(end).toString("base64")}`),
  );
  fc.assert(
    fc.property(header, (text) => {
      expect(signerOf(text, "GET,x")).toBeUndefined();
    }),
  );
});
