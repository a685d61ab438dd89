import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { digestOf, startRegistry, type TestRegistry } from "../../test/fixtures/registry.ts";
import { readConfig } from "../config.ts";
import { configureLog } from "../log.ts";
import { parseName } from "../models/name.ts";
import { ModelStore } from "../models/store.ts";
import { RegistryClient } from "./client.ts";
import type { TransferProgress } from "./pull.ts";

configureLog({ write: () => {} });
const weights = randomBytes(2 << 20);
const digest = digestOf(weights);
let folder: string;
let registry: TestRegistry;
let store: ModelStore;
let client: RegistryClient;
let manifest: Buffer;

beforeEach(async () => {
  folder = mkdtempSync(path.join(os.tmpdir(), "puna-push-"));
  registry = await startRegistry();
  const config = readConfig({ PUNA_HOME: folder });
  store = new ModelStore(config.models);
  client = new RegistryClient({
    store,
    config,
    versions: { puna: "0.1.0", ollama: "0.32.0" },
    times: { backoffMs: 1, everyMs: 1, stallMs: 5000 },
  });
  const added = await store.blobs.add([Buffer.from("{}")]);
  await store.blobs.add([weights]);
  manifest = Buffer.from(
    JSON.stringify({
      schemaVersion: 2,
      mediaType: "application/vnd.docker.distribution.manifest.v2+json",
      config: { mediaType: "application/vnd.docker.container.image.v1+json", digest: added.digest, size: 2 },
      layers: [
        {
          mediaType: "application/vnd.ollama.image.model",
          digest,
          size: weights.length,
          from: `${registry.host}/me/base:latest`,
        },
      ],
    }),
  );
  await store.writeManifest(parseName(`${registry.host}/me/m:v1`)!, manifest);
});
afterEach(async () => {
  client.close();
  await registry.close();
  rmSync(folder, { recursive: true, force: true });
});

async function push(name = `${registry.host}/me/m:v1`, signal = new AbortController().signal): Promise<TransferProgress[]> {
  const lines: TransferProgress[] = [];
  for await (const line of client.push(parseName(name)!, { insecure: true, signal })) lines.push(line);
  return lines;
}

async function arrives(): Promise<void> {
  expect((await push()).at(-1)).toEqual({ status: "success" });
  expect(registry.blobs.get(digest)?.equals(weights)).toBe(true);
  expect(registry.manifests.get("me/m:v1")?.equals(manifest)).toBe(true);
}

test("everything arrives, once", async () => {
  await arrives();
  const posts = () => registry.asked.filter(({ method }) => method === "POST").length;
  expect(posts()).toBe(2);
  const [finish] = registry.asked.filter(({ method, query }) => method === "PUT" && query.get("digest") === digest);
  expect(finish?.query.get("etag")).toMatch(/^[0-9a-f]{32}-1$/);
  expect(registry.asked.find(({ method }) => method === "PATCH")?.headers).toMatchObject({
    "content-range": `0-${weights.length - 1}`,
    "x-redirect-uploads": "1",
  });
  const lines = await push();
  expect(posts()).toBe(2);
  expect(lines.find((line) => line.digest === digest)).toEqual({
    status: `pushing ${digest.slice(7, 19)}`,
    digest,
    total: weights.length,
    completed: weights.length,
  });
});

test("a layer that the registry has elsewhere is mounted", async () => {
  registry.addBlob(weights);
  registry.options.fault = ({ method, digest: asked }) => (method === "HEAD" && asked === digest ? { status: 404 } : undefined);
  await arrives();
  const mounted = registry.asked.find(({ query }) => query.get("mount") === digest);
  expect(mounted?.query.get("from")).toBe("me/base");
});

test("a guarded registry", async () => {
  registry.options.guarded = true;
  await arrives();
  expect(registry.keys).toHaveLength(1);
});

test("a token that expires before a piece is sent", async () => {
  registry.options.guarded = true;
  let expiries = 1;
  registry.options.fault = ({ method }) => {
    if (method === "PATCH" && expiries-- > 0) registry.expireTokens();
    return undefined;
  };
  await arrives();
});

test.each(["POST", "PATCH", "PUT"])("failures of %s pass", async (method) => {
  let left = 3;
  registry.options.fault = (asked) =>
    asked.method === method && left-- > 0 ? { status: 503, headers: { "retry-after": "0" } } : undefined;
  await arrives();
});

test("an upload that the registry forgot begins anew", async () => {
  let left = 1;
  registry.options.fault = ({ method, path }) => {
    if (method === "PATCH" && left > 0) return { status: 500 };
    if (method === "GET" && /uploads/.test(path) && left-- > 0) return { status: 404 };
    return undefined;
  };
  await arrives();
});

test("pieces go where the registry redirects them, without its token", async () => {
  const storage = await startRegistry({ address: "127.0.0.2" });
  try {
    registry.options.guarded = true;
    registry.options.fault = ({ method, path }) =>
      method === "PATCH"
        ? { status: 307, headers: { location: `${storage.url}/put${path}`, "docker-upload-location": path } }
        : undefined;
    storage.options.fault = () => ({ status: 200 });
    // The pieces are elsewhere, so that the registry itself cannot put them together.
    await expect(push()).rejects.toThrow(/^400: /);
    expect(storage.asked.map(({ method }) => method)).toEqual(["PUT"]);
    expect(storage.asked.every(({ headers }) => headers.authorization === undefined)).toBe(true);
  } finally {
    await storage.close();
  }
});

test.each([
  [{ status: 401 }, "unauthorized: access denied"],
  [{ status: 403 }, "403: Forbidden"],
  [{ status: 500 }, "max retries exceeded: 500: Internal Server Error"],
])("%j", async (fault, message) => {
  registry.options.fault = () => fault;
  await expect(push()).rejects.toThrow(message);
});

test("Ollama's library says where an account takes the key", async () => {
  const mirrored = new RegistryClient({
    store,
    config: readConfig({ PUNA_HOME: folder, PUNA_MIRRORS: `registry.ollama.ai=${registry.url}` }),
    versions: { puna: "0.1.0", ollama: "0.32.0" },
  });
  await store.copy(parseName(`${registry.host}/me/m:v1`)!, parseName("me/m")!);
  registry.options.fault = () => ({ status: 401 });
  const pushing = mirrored.push(parseName("me/m")!, { insecure: false, signal: new AbortController().signal });
  await pushing.next();
  await expect(pushing.next()).rejects.toThrow(
    /^unauthorized: access denied; to let this server act for your account, open https:\/\/ollama\.com\/connect\?name=[^&]+&key=[\w-]+$/,
  );
  mirrored.close();
});

test("what is not here", async () => {
  await expect(push(`${registry.host}/me/other`)).rejects.toThrow("couldn't retrieve manifest");
  rmSync(store.blobs.path(digest));
  await expect(push()).rejects.toThrow(`blob ${digest} is missing from the model store; pull or create the model again`);
});

test("a push that is canceled", async () => {
  const left = new AbortController();
  registry.options.fault = ({ method }) => {
    if (method === "PATCH") left.abort();
    return undefined;
  };
  await expect(push(undefined, left.signal)).rejects.toThrow("request canceled");
});
