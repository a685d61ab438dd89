import { randomBytes } from "node:crypto";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { digestOf, startRegistry, type TestRegistry } from "../../test/fixtures/registry.ts";
import { readConfig } from "../config.ts";
import { parseName } from "../models/name.ts";
import { ModelStore } from "../models/store.ts";
import { RegistryClient, type Times } from "./client.ts";
import type { TransferProgress } from "./pull.ts";

const MB = 1 << 20;
let folder: string;
let registry: TestRegistry;
let store: ModelStore;
let client: RegistryClient;

/** Patience is short, so that a broken test fails soon; no test's outcome hangs on it. */
function makeClient(
  env: Record<string, string> = {},
  times: Partial<Times> = {},
  more: Partial<{ isPrivateIp: (ip: string) => boolean }> = {},
) {
  const config = readConfig({ PUNA_HOME: folder, ...env });
  store = new ModelStore(config.models);
  return new RegistryClient({
    store,
    config,
    versions: { puna: "0.1.0", ollama: "0.32.0" },
    times: { stallMs: 10_000, backoffMs: 1, everyMs: 1, ...times },
    ...more,
  });
}

async function pull(
  name: string,
  { signal = new AbortController().signal, insecure = true, by = client } = {},
): Promise<TransferProgress[]> {
  const parsed = parseName(name);
  if (!parsed) throw new Error(`${name} is no name`);
  const lines: TransferProgress[] = [];
  for await (const line of by.pull(parsed, { insecure, signal })) lines.push(line);
  return lines;
}

const files = () => readdirSync(path.join(folder, "models", "blobs")).sort();
const stored = (digest: string) => readFileSync(store.blobs.path(digest));

beforeEach(async () => {
  folder = mkdtempSync(path.join(os.tmpdir(), "puna-pull-"));
  registry = await startRegistry();
  client = makeClient();
});
afterEach(async () => {
  client.close();
  await registry.close();
  rmSync(folder, { recursive: true, force: true });
});

test("a model, with Ollama's lines, byte for byte", async () => {
  const weights = randomBytes(5 * MB + 17);
  const manifest = registry.addModel("me/m:v1", [weights, Buffer.from("{{ .Prompt }}"), Buffer.alloc(0)]);
  const lines = await pull(`${registry.host}/me/m:v1`);
  const id = digestOf(weights).slice(7, 19);
  expect([...new Set(lines.map(({ status }) => status))]).toEqual([
    "pulling manifest",
    `pulling ${id}`,
    `pulling ${digestOf(Buffer.from("{{ .Prompt }}")).slice(7, 19)}`,
    `pulling ${digestOf(Buffer.alloc(0)).slice(7, 19)}`,
    expect.stringMatching(/^pulling [0-9a-f]{12}$/),
    "verifying sha256 digest",
    "writing manifest",
    "success",
  ]);
  const bars = lines.filter(({ digest }) => digest === digestOf(weights));
  expect(bars.every(({ total }) => total === weights.length)).toBe(true);
  expect(bars[0]).not.toHaveProperty("completed");
  expect(bars.at(-1)?.completed).toBe(weights.length);
  expect(stored(digestOf(weights)).equals(weights)).toBe(true);
  expect((await store.manifestBytes(parseName(`${registry.host}/me/m:v1`)!))?.equals(manifest)).toBe(true);
  expect(registry.sent(digestOf(weights))).toBe(weights.length);
  expect(files().filter((name) => name.includes("partial"))).toEqual([]);
  // All of it is here now: nothing is fetched twice.
  const before = registry.asked.length;
  expect((await pull(`${registry.host}/me/m:v1`)).at(-1)).toEqual({ status: "success" });
  expect(registry.asked.length).toBe(before + 1);
});

test("a large file is hashed in a thread", async () => {
  const weights = randomBytes(40 * MB);
  registry.addModel("me/m:latest", [weights]);
  await pull(`${registry.host}/me/m`);
  expect(stored(digestOf(weights)).equals(weights)).toBe(true);
  expect(registry.asked.filter(({ range }) => range).length).toBeGreaterThan(8);
});

test("an older version's layers go", async () => {
  const [old, now] = [randomBytes(1000), randomBytes(1000)];
  registry.addModel("me/m:latest", [old]);
  await pull(`${registry.host}/me/m`);
  registry.addModel("me/m:latest", [now]);
  const lines = await pull(`${registry.host}/ME/M`);
  expect(lines.map(({ status }) => status).slice(-3)).toEqual(["writing manifest", "removing unused layers", "success"]);
  expect(await store.hasBlob(digestOf(old))).toBe(false);
  expect(await store.list()).toHaveLength(1);
});

describe("what goes wrong on the way", () => {
  const weights = randomBytes(6 * MB);
  const digest = digestOf(weights);
  const isWeights = (asked: { digest: string | undefined; method: string }) => asked.digest === digest && asked.method === "GET";

  /** A fault for the first requests of the weights. */
  function first(count: number, fault: object) {
    let left = count;
    registry.options.fault = (asked) => (isWeights(asked) && left-- > 0 ? fault : undefined);
  }

  beforeEach(() => {
    registry.addModel("me/m:latest", [weights]);
  });
  const whole = async (name = `${registry.host}/me/m`) => {
    expect((await pull(name)).at(-1)).toEqual({ status: "success" });
    expect(stored(digest).equals(weights)).toBe(true);
  };

  test("connections that break lose nothing that came", async () => {
    first(5, { dropAfter: 300_000 });
    await whole();
    // What was in a socket's buffer may be lost with it.
    expect(registry.sent(digest)).toBeLessThanOrEqual(weights.length + 5 * 300_000);
  });

  test("a connection that stalls is dialled again", async () => {
    client = makeClient({}, { stallMs: 200 });
    first(3, { stallAfter: 100_000 });
    await whole();
  });

  test("a registry that never answers", async () => {
    client = makeClient({}, { stallMs: 50 });
    first(1000, { stallAfter: 0 });
    await expect(pull(`${registry.host}/me/m`)).rejects.toThrow(/^max retries exceeded: .* sent nothing for /);
  });

  test.each([429, 500, 502, 503])("%i, and then it works", async (status) => {
    first(4, { status, headers: { "retry-after": "0" } });
    await whole();
  });

  test("truncated ranges", async () => {
    first(4, { truncateTo: 70_000 });
    await whole();
  });

  test("ranges that stay empty", async () => {
    first(1000, { dropAfter: 0 });
    await expect(pull(`${registry.host}/me/m`)).rejects.toThrow("max retries exceeded: ");
  });

  test("a registry that knows no ranges", async () => {
    first(1000, { ignoreRange: true });
    await whole();
  });

  test("one that knows no ranges and breaks off", async () => {
    let left = 3;
    registry.options.fault = (asked) =>
      isWeights(asked) ? { ignoreRange: true, ...(left-- > 0 && { dropAfter: 2_000_000 }) } : undefined;
    await whole();
  });

  test("wrong bytes are found, and thrown away", async () => {
    first(1, { corrupt: true });
    await expect(pull(`${registry.host}/me/m`)).rejects.toThrow(
      new RegExp(`^digest mismatch, file must be downloaded again: want ${digest}, got sha256:[0-9a-f]{64}$`),
    );
    expect(files().filter((name) => name.startsWith(digest.replace(":", "-")))).toEqual([]);
    expect(await store.list()).toEqual([]);
    await whole();
  });

  test("a pull that is canceled goes on where it stopped", async () => {
    const left = new AbortController();
    registry.options.fault = (asked) => (isWeights(asked) ? { pauseMs: 5 } : undefined);
    const pulling = pull(`${registry.host}/me/m`, { signal: left.signal });
    while (registry.sent(digest) < 2 * MB) await new Promise((resolve) => setTimeout(resolve, 1));
    left.abort();
    await expect(pulling).rejects.toThrow("request canceled");
    const before = registry.sent(digest);
    client = makeClient();
    registry.options.fault = () => undefined;
    await whole();
    expect(registry.sent(digest)).toBeLessThan(weights.length + before);
    expect(registry.sent(digest) - before).toBeLessThan(weights.length);
  });

  test("two clients pull one model, and it comes once", async () => {
    registry.options.fault = (asked) => (isWeights(asked) ? { pauseMs: 1 } : undefined);
    const both = await Promise.all([pull(`${registry.host}/me/m`), pull(`${registry.host}/me/m`)]);
    for (const lines of both) expect(lines.at(-1)).toEqual({ status: "success" });
    expect(registry.sent(digest)).toBe(weights.length);
  });

  test("one of two leaves, the other goes on", async () => {
    registry.options.fault = (asked) => (isWeights(asked) ? { pauseMs: 2 } : undefined);
    const left = new AbortController();
    const leaving = pull(`${registry.host}/me/m`, { signal: left.signal });
    const staying = pull(`${registry.host}/me/m`);
    while (registry.sent(digest) < MB) await new Promise((resolve) => setTimeout(resolve, 1));
    left.abort();
    await expect(leaving).rejects.toThrow("request canceled");
    expect((await staying).at(-1)).toEqual({ status: "success" });
    expect(registry.sent(digest)).toBe(weights.length);
  });

  test("a damaged blob in the store is fetched anew", async () => {
    await whole();
    writeFileSync(store.blobs.path(digest), "damaged");
    await whole();
  });

  test("another process downloads it", async () => {
    await whole();
    rmSync(store.blobs.path(digest));
    const lock = `${store.blobs.path(digest)}-partial-puna-lock`;
    writeFileSync(lock, JSON.stringify({ host: "elsewhere", pid: 7, started: "1" }));
    await expect(pull(`${registry.host}/me/m`)).rejects.toThrow("is being downloaded by another process (7 on elsewhere)");
    writeFileSync(lock, JSON.stringify({ host: os.hostname(), pid: process.pid, started: "another time" }));
    await whole();
  });

  test("a rate limit", async () => {
    client = makeClient({ PUNA_TRANSFER_RATE: "64MB" });
    const began = performance.now();
    await whole();
    expect(performance.now() - began).toBeGreaterThan(50);
  });
});

describe("redirects and credentials", () => {
  const weights = randomBytes(3 * MB);
  const digest = digestOf(weights);

  test("a token is asked for once, signed with a key made for it, and goes nowhere else", async () => {
    const storage = await startRegistry({ address: "127.0.0.2" });
    try {
      storage.addBlob(weights);
      storage.addBlob(Buffer.from('{"model_format":"gguf","model_family":"llama"}'));
      registry.addModel("me/m:latest", [weights]);
      registry.options.guarded = true;
      registry.options.blobsAt = (wanted) => `${storage.url}/v2/x/y/blobs/${wanted}`;
      await pull(`${registry.host}/me/m`);
      expect(stored(digest).equals(weights)).toBe(true);
      expect(registry.keys).toHaveLength(1);
      expect(readFileSync(path.join(folder, "id_ed25519.pub"), "utf8")).toBe(`ssh-ed25519 ${registry.keys[0]}\n`);
      expect(storage.asked.length).toBeGreaterThan(1);
      expect(storage.asked.filter(({ headers }) => headers.authorization !== undefined)).toEqual([]);
      // The place is asked for once, not for every part.
      expect(registry.asked.filter((asked) => asked.digest === digest)).toHaveLength(1);
    } finally {
      await storage.close();
    }
  });

  test("a token that expires is renewed, and a place that expires is asked for again", async () => {
    const storage = await startRegistry({ address: "127.0.0.2" });
    try {
      storage.addBlob(weights);
      storage.addBlob(Buffer.from('{"model_format":"gguf","model_family":"llama"}'));
      let refusals = 2;
      storage.options.fault = ({ range }) => (range && range.start > 0 && refusals-- > 0 ? { status: 403 } : undefined);
      registry.addModel("me/m:latest", [weights]);
      registry.options.guarded = true;
      let expiries = 1;
      registry.options.fault = (asked) => {
        if (asked.digest === digest && expiries-- > 0) registry.expireTokens();
        return undefined;
      };
      registry.options.blobsAt = (wanted) => `${storage.url}/v2/x/y/blobs/${wanted}`;
      await pull(`${registry.host}/me/m`);
      expect(stored(digest).equals(weights)).toBe(true);
      expect(registry.keys.length).toBeGreaterThan(1);
    } finally {
      await storage.close();
    }
  });

  test("a public registry cannot send us into the local network", async () => {
    const inside = await startRegistry({ address: "127.0.0.2" });
    try {
      inside.addBlob(weights);
      registry.addModel("me/m:latest", [weights]);
      registry.options.blobsAt = (wanted) => `${inside.url}/v2/x/y/blobs/${wanted}`;
      client = makeClient({}, {}, { isPrivateIp: (ip) => ip === "127.0.0.2" });
      await expect(pull(`${registry.host}/me/m`)).rejects.toThrow(
        "redirect to 127.0.0.2 refused: it is a private address, and the registry is not",
      );
      expect(inside.asked).toEqual([]);
    } finally {
      await inside.close();
    }
  });

  test.each([
    ["a loop", (host: string) => `http://${host}/v2/me/m/blobs/${digest}`, "redirects more than 10 times"],
    ["another protocol", () => "file:///etc/passwd", "redirect from 127.0.0.1:\\d+ to file: refused"],
  ])("%s", async (_, target, message) => {
    registry.addModel("me/m:latest", [weights]);
    registry.options.blobsAt = () => target(registry.host);
    await expect(pull(`${registry.host}/me/m`)).rejects.toThrow(new RegExp(message));
  });

  test("nobody else's realm gets a signature", async () => {
    registry.addModel("me/m:latest", [weights]);
    const header = 'Bearer realm="http://evil.example/token",service="x",scope="a"';
    registry.options.fault = () => ({ status: 401, headers: { "www-authenticate": header } });
    await expect(pull(`${registry.host}/me/m`)).rejects.toThrow(
      `pull model manifest: realm host "evil.example" does not match original host "${registry.host}"`,
    );
  });

  test("denied", async () => {
    registry.options.fault = () => ({ status: 401 });
    await expect(pull(`${registry.host}/me/m`)).rejects.toThrow("pull model manifest: unauthorized: access denied");
  });
});

describe("hostile and plain wrong manifests", () => {
  const outside = () => readdirSync(folder).sort();
  // biome-ignore lint/suspicious/noExplicitAny: a test puts whatever it likes into a manifest
  const cases: [string, (manifest: any) => unknown, RegExp][] = [
    [
      "a path for a digest",
      (m) => ({ ...m, config: { ...m.config, digest: "sha256:../../../../etc/passwd" } }),
      /the digest of its config is not a digest/,
    ],
    [
      "a path after a digest",
      (m) => ({ ...m, layers: [{ ...m.layers[0], digest: `${m.layers[0].digest}/../../x` }] }),
      /the digest of its layer 0 is not a digest/,
    ],
    ["a size below zero", (m) => ({ ...m, layers: [{ ...m.layers[0], size: -1 }] }), /the size of its layer 0 is not a size/],
    ["a size beyond all", (m) => ({ ...m, layers: [{ ...m.layers[0], size: 1e300 }] }), /the size of its layer 0 is not a size/],
    [
      "a size that no disk has",
      (m) => ({ ...m, layers: [{ ...m.layers[0], size: 2 ** 52 }] }),
      /needs \d+\.\d GB more, and the disk of .* has/,
    ],
    [
      "a smaller size",
      (m) => ({ ...m, layers: [{ ...m.layers[0], size: 10 }] }),
      /has 1000 bytes on .*, where its manifest says 10$/,
    ],
    [
      "a larger size",
      (m) => ({ ...m, layers: [{ ...m.layers[0], size: 5000 }] }),
      /has 1000 bytes on .*, where its manifest says 5000$/,
    ],
    ["two sizes", (m) => ({ ...m, layers: [m.layers[0], { ...m.layers[0], size: 3 }] }), /has two sizes/],
    ["no layers", ({ layers: _, ...m }) => m, /it has no layers/],
    [
      "another image",
      (m) => ({ ...m, layers: [{ ...m.layers[0], mediaType: "application/vnd.docker.image.rootfs.diff.tar.gzip" }] }),
      /none of its layers is a model's/,
    ],
    [
      "tensors",
      (m) => ({ ...m, layers: [{ ...m.layers[0], mediaType: "application/vnd.ollama.image.tensor" }] }),
      /is stored as safetensors/,
    ],
    ["a list", () => [1, 2], /it is not an object/],
    ["too many layers", (m) => ({ ...m, layers: Array(2000).fill(m.layers[0]) }), /it has 2000 layers/],
    [
      "a blob that is not there",
      (m) => ({ ...m, layers: [{ ...m.layers[0], digest: `sha256:${"0".repeat(64)}` }] }),
      /is not on 127.0.0.1:\d+, although its manifest names it/,
    ],
  ];
  test.each(cases)("%s", async (_, change, message) => {
    registry.addModel("me/m:latest", [randomBytes(1000)], change);
    await expect(pull(`${registry.host}/me/m`)).rejects.toThrow(message);
    expect(outside()).toEqual(expect.not.arrayContaining(["etc"]));
    expect(await store.list()).toEqual([]);
  });

  test("a manifest that does not end", async () => {
    registry.manifests.set("me/m:latest", Buffer.alloc(9 * MB, "{"));
    await expect(pull(`${registry.host}/me/m`)).rejects.toThrow("pull model manifest: 127.0.0.1");
    registry.manifests.set("me/m:latest", Buffer.from("not json"));
    await expect(pull(`${registry.host}/me/m`)).rejects.toThrow("it is not JSON");
  });

  test.each([
    [404, {}, "pull model manifest: file does not exist"],
    [403, { body: "no" }, "pull model manifest: 403: no"],
    [412, { body: "a newer version is needed" }, "pull model manifest: 412: a newer version is needed"],
  ])("%i for the manifest", async (status, more, message) => {
    registry.options.fault = () => ({ status, ...more });
    await expect(pull(`${registry.host}/me/m`)).rejects.toThrow(message);
    expect(registry.asked).toHaveLength(1);
  });

  test("no registry there", async () => {
    await registry.close();
    await expect(pull(`${registry.host}/me/m`)).rejects.toThrow(
      /^pull model manifest: cannot reach 127.0.0.1:\d+: connect ECONNREFUSED/,
    );
  });
});

describe("where registries are", () => {
  test("plain HTTP on this machine needs no flag, elsewhere it does", async () => {
    registry.addModel("me/m:latest", [randomBytes(100)]);
    expect((await pull(`${registry.host}/me/m`, { insecure: false })).at(-1)).toEqual({ status: "success" });
  });

  test("a mirror", async () => {
    registry.addModel("library/m:latest", [randomBytes(100)]);
    client = makeClient({ PUNA_MIRRORS: `registry.ollama.ai=${registry.url}, other.example = https://x` });
    expect((await pull("m", { insecure: false })).at(-1)).toEqual({ status: "success" });
    expect((await store.list()).map(({ name }) => name.host)).toEqual(["registry.ollama.ai"]);
    client = makeClient({ PUNA_MIRRORS: "registry.ollama.ai=http://192.0.2.1" });
    await expect(pull("m", { insecure: false })).rejects.toThrow("insecure protocol http");
  });
});
