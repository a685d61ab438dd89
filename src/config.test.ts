import os from "node:os";
import path from "node:path";
import fc from "fast-check";
import { expect, test } from "vitest";
import { parseHost, readConfig, settings } from "./config.ts";

test.each([
  ["", "http", "127.0.0.1", 11434],
  ["0.0.0.0", "http", "0.0.0.0", 11434],
  [":8080", "http", "127.0.0.1", 8080],
  ["example.org:99", "http", "example.org", 99],
  ["http://example.org", "http", "example.org", 80],
  ["https://example.org", "https", "example.org", 443],
  ["https://example.org:8443/base", "https", "example.org", 8443],
  ["[::1]:9", "http", "::1", 9],
  ["[::]", "http", "::", 11434],
  ["example.org:notaport", "http", "example.org", 11434],
  ["example.org:99999", "http", "example.org", 11434],
  ["127.0.0.1:0", "http", "127.0.0.1", 0],
])("OLLAMA_HOST=%s", (text, scheme, hostname, port) => {
  expect(parseHost(text)).toEqual({ scheme, hostname, port });
});

test("an empty environment gives the documented defaults", () => {
  const config = readConfig({});
  expect(config.home).toBe(path.join(os.homedir(), ".puna"));
  expect(config.models).toBe(path.join(os.homedir(), ".puna", "models"));
  expect(config).toMatchObject({
    keepAliveMs: 300_000,
    maxQueue: 512,
    maxLoadedModels: 3,
    kvType: "f16",
    onOverflow: "truncate",
  });
});

test("values are trimmed, unquoted and typed", () => {
  const config = readConfig({
    OLLAMA_KEEP_ALIVE: ' "10" ',
    OLLAMA_ORIGINS: "app://x, http://a.example ,",
    OLLAMA_NOPRUNE: "yes",
    OLLAMA_FLASH_ATTENTION: "false",
    OLLAMA_MAX_QUEUE: "0",
    OLLAMA_NUM_PARALLEL: "nonsense",
    OLLAMA_LOAD_TIMEOUT: "-1s",
    PUNA_PREFIX_CACHE: "512MB",
    OLLAMA_MODELS: "/ollama",
    PUNA_MODELS: "/puna",
  });
  expect(config).toMatchObject({
    keepAliveMs: 10_000,
    origins: ["app://x", "http://a.example"],
    noPrune: true,
    flashAttention: false,
    maxQueue: 0,
    numParallel: undefined,
    loadTimeoutMs: Number.POSITIVE_INFINITY,
    prefixBytes: 512 * 1024 * 1024,
    models: "/puna",
  });
  expect(readConfig({ OLLAMA_KEEP_ALIVE: "-1" }).keepAliveMs).toBe(Number.POSITIVE_INFINITY);
});

test("no environment makes it throw, and a port is always a port", () => {
  const value = fc.oneof(fc.string(), fc.stringMatching(/^[\d.:/a-z[\]-]{0,20}$/));
  fc.assert(
    fc.property(fc.dictionary(fc.constantFrom(...settings.map((setting) => setting.name)), value), (env) => {
      const { port } = readConfig(env).host;
      expect(Number.isInteger(port) && port >= 0 && port <= 65_535).toBe(true);
    }),
  );
});
