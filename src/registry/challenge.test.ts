import { expect, test } from "vitest";
import { parseChallenge, signedAuthorization, tokenUrl } from "./challenge.ts";

test.each([
  ['Bearer realm="https://r/token",service="s",scope="a b"', { realm: "https://r/token", service: "s", scopes: ["a", "b"] }],
  [
    'bearer scope="repository:me/m:pull,push", realm="https://r/t"',
    { realm: "https://r/t", service: undefined, scopes: ["repository:me/m:pull,push"] },
  ],
  ["Bearer realm=https://r/t", { realm: "https://r/t", service: undefined, scopes: [] }],
  ['Basic realm="x"', undefined],
  ["Bearer", undefined],
  [undefined, undefined],
])("%s", (header, expected) => expect(parseChallenge(header)).toEqual(expected));

test("the token's address has everything, in order", () => {
  const challenge = { realm: "https://r.example/v2/token?account=me", service: "s", scopes: ["a", "b"] };
  const url = tokenUrl(challenge, new URL("https://r.example"), { now: 1_700_000_000_999, nonce: Buffer.alloc(16, 255) });
  expect(url.href).toBe(
    "https://r.example/v2/token?account=me&nonce=_____________________w&scope=a&scope=b&service=s&ts=1700000000",
  );
});

test.each([
  ["https://evil.example/token", "https://r.example", 'realm host "evil.example" does not match original host "r.example"'],
  ["https://r.example:8443/token", "https://r.example", 'realm host "r.example:8443" does not match'],
  ["http://r.example/token", "https://r.example", 'realm host "r.example" does not match|is not encrypted'],
  ["javascript:alert(1)", "https://r.example", "names no usable realm"],
  ["/token", "https://r.example", "names no usable realm"],
])("realm %s of %s", (realm, registry, message) => {
  expect(() => tokenUrl({ realm, service: undefined, scopes: [] }, new URL(registry))).toThrow(new RegExp(message));
});

test("what is signed is Ollama's text", () => {
  const signed: string[] = [];
  const key = { publicKey: "PUBLIC", sign: (text: string) => `<${signed.push(text)}>` };
  expect(signedAuthorization(key, new URL("https://r/token?a=b"))).toBe("PUBLIC:<1>");
  expect(signed).toEqual([
    "GET,https://r/token?a=b,ZTNiMGM0NDI5OGZjMWMxNDlhZmJmNGM4OTk2ZmI5MjQyN2FlNDFlNDY0OWI5MzRjYTQ5NTk5MWI3ODUyYjg1NQ==",
  ]);
});
