import { mkdtempSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { isLocalProof, localSecret } from "../accounts/local-proof.ts";
import { readConfig } from "../config.ts";
import { credentialsOf } from "./credentials.ts";

let home: string;
let secret: string;
beforeAll(() => {
  home = mkdtempSync(path.join(os.tmpdir(), "puna-credentials-"));
  secret = localSecret(home) ?? "";
});
afterAll(() => rmSync(home, { recursive: true, force: true }));

const asked = { method: "GET", path: "/api/tags" };
const managing = { method: "GET", path: "/puna/keys" };
const say = (env: Record<string, string>, request = asked) => credentialsOf(readConfig({ PUNA_HOME: home, ...env }))(request);

test("a key that is set is sent, the stronger of two", () => {
  expect(say({ OLLAMA_API_KEY: "weak" })).toBe("Bearer weak");
  expect(say({ OLLAMA_API_KEY: "weak", PUNA_API_KEY: "strong" })).toBe("Bearer strong");
});

test.each(["", "127.0.0.1:9", "localhost", "0.0.0.0", "[::1]:9", "https://127.0.0.2:9"])(
  "to this machine (%s) goes a proof",
  (host) => {
    expect(isLocalProof(say({ OLLAMA_HOST: host }) ?? "", secret, asked)).toBe(true);
    // A key that only asks models must not keep its owner from managing keys.
    expect(isLocalProof(say({ OLLAMA_HOST: host, PUNA_API_KEY: "k" }, managing) ?? "", secret, managing)).toBe(true);
  },
);

test.each(["box.example", "192.168.1.7:11434", "127.0.0.1.evil.example", "localhost.evil.example"])(
  "to %s goes no proof",
  (host) => {
    expect(say({ OLLAMA_HOST: host })).toBeUndefined();
    expect(say({ OLLAMA_HOST: host, PUNA_API_KEY: "k" }, managing)).toBe("Bearer k");
  },
);

test("without a secret there is nothing to say", () => {
  expect(say({ PUNA_HOME: path.join(home, "none") })).toBeUndefined();
});
