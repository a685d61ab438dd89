/** This machine as a registry, over a real port, asked as the clients of registries ask. */
import { createHash, generateKeyPairSync, sign } from "node:crypto";
import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { object, type TestServer, testServer } from "../../../test/fixtures/server.ts";
import { clientId } from "../../accounts/client-key.ts";
import { readConfig } from "../../config.ts";
import { configureLog } from "../../log.ts";
import { parseName } from "../../models/name.ts";
import { type Listening, listen } from "../port.ts";

configureLog({ write: () => {} });

let server: TestServer;
let port: Listening;
let weights: string;
beforeAll(async () => {
  server = await testServer({ PUNA_REGISTRY: "1" });
  weights = await server.make("m", { system: "Be brief." });
  await server.make("m:small");
  await copy("m", "hf.co/org/Repo:Q4");
  await copy("m", "other/private");
  port = await listen(server.app, { host: { ...readConfig({}).host, port: 0 } });
});
afterAll(async () => {
  await port.close();
  await server.close();
});

async function copy(from: string, to: string) {
  await server.store.copy(parseName(from)!, parseName(to)!);
}
const get = (path: string, init?: RequestInit) => fetch(`${port.url}${path}`, init);
const sha256 = (bytes: Uint8Array) => `sha256:${createHash("sha256").update(bytes).digest("hex")}`;
const fault = async (response: Response) => [response.status, (await object(response)).errors[0].code];

describe("what a client asks", () => {
  test("is there a registry", async () => {
    const response = await get("/v2/");
    expect([response.status, response.headers.get("docker-distribution-api-version")]).toEqual([200, "registry/2.0"]);
    expect((await get("/v2")).status).toBe(200);
  });

  test("the manifest, byte for byte, by tag or digest, in any case", async () => {
    const stored = readFileSync(`${server.store.root}/manifests/registry.ollama.ai/library/m/latest`);
    const response = await get("/v2/library/M/manifests/LATEST");
    const bytes = Buffer.from(await response.arrayBuffer());
    expect(bytes.equals(stored)).toBe(true);
    expect(Object.fromEntries(response.headers)).toMatchObject({
      "content-type": "application/vnd.docker.distribution.manifest.v2+json",
      "docker-content-digest": sha256(stored),
      "content-length": String(stored.length),
    });
    expect((await get(`/v2/library/m/manifests/${sha256(stored)}`)).status).toBe(200);
    const head = await get("/v2/m/manifests/latest", { method: "HEAD" });
    expect([head.status, head.headers.get("content-length")]).toEqual([200, String(stored.length)]);
  });

  test("the blob, whole or in ranges", async () => {
    const whole = readFileSync(server.store.blobs.path(weights));
    const url = `/v2/library/m/blobs/${weights}`;
    const head = await get(url, { method: "HEAD" });
    expect(Object.fromEntries(head.headers)).toMatchObject({
      "content-length": String(whole.length),
      "content-type": "application/octet-stream",
      "docker-content-digest": weights,
      "accept-ranges": "bytes",
    });
    const all = await get(url);
    expect(sha256(new Uint8Array(await all.arrayBuffer()))).toBe(weights);
    // Ollama's client wants to be told where the bytes are, even where they are here.
    expect(new URL(all.headers.get("location") ?? "", port.url).pathname).toBe(url);
    const part = await get(url, { headers: { range: "bytes=10-19" } });
    expect([part.status, part.headers.get("content-range"), part.headers.get("content-length")]).toEqual([
      206,
      `bytes 10-19/${whole.length}`,
      "10",
    ]);
    expect(Buffer.from(await part.arrayBuffer()).equals(whole.subarray(10, 20))).toBe(true);
    const stale = await get(url, { headers: { range: "bytes=10-19", "if-range": '"other"' } });
    expect(stale.status).toBe(200);
    await stale.body?.cancel();
    const beyond = await get(url, { headers: { range: `bytes=${whole.length}-` } });
    expect([beyond.status, beyond.headers.get("content-range")]).toEqual([416, `bytes */${whole.length}`]);
  });

  test("an empty blob", async () => {
    const { digest } = await server.store.blobs.add([]);
    const config = await server.store.manifest(parseName("m")!);
    const manifest = { ...config.manifest, layers: [{ mediaType: "application/vnd.ollama.image.license", digest, size: 0 }] };
    await server.store.writeManifest(parseName("empty")!, Buffer.from(JSON.stringify(manifest)));
    const response = await get(`/v2/library/empty/blobs/${digest}`);
    expect([response.status, response.headers.get("content-length"), await response.text()]).toEqual([200, "0", ""]);
  });

  test("tags and repositories", async () => {
    expect(await object(await get("/v2/library/m/tags/list"))).toEqual({ name: "library/m", tags: ["latest", "small"] });
    expect((await object(await get("/v2/_catalog"))).repositories).toEqual(
      expect.arrayContaining(["hf.co/org/Repo", "library/m", "other/private"]),
    );
  });

  test("a model that came from elsewhere, by the two parts that a client can name", async () => {
    for (const path of ["/v2/org/repo/manifests/q4", "/v2/hf.co/org/repo/manifests/q4"])
      expect((await get(path)).status).toBe(200);
    await copy("m", "ghcr.io/org/Repo:Q4");
    const response = await get("/v2/org/repo/manifests/q4");
    expect([response.status, (await object(response)).errors[0].message]).toEqual([
      404,
      "org/repo is here from ghcr.io and hf.co: ask for one of them by its full name",
    ]);
    await server.store.delete(parseName("ghcr.io/org/Repo:Q4")!);
  });

  test("what is not here, and what may not be done", async () => {
    const unknown = `sha256:${"0".repeat(64)}`;
    const stray = (await server.store.blobs.add([Buffer.from("of no model")])).digest;
    expect(await fault(await get("/v2/library/none/manifests/latest"))).toEqual([404, "MANIFEST_UNKNOWN"]);
    expect(await fault(await get("/v2/library/none/tags/list"))).toEqual([404, "NAME_UNKNOWN"]);
    expect(await fault(await get(`/v2/library/m/blobs/${unknown}`))).toEqual([404, "BLOB_UNKNOWN"]);
    expect(await fault(await get(`/v2/library/m/blobs/${stray}`))).toEqual([404, "BLOB_UNKNOWN"]);
    expect(await fault(await get("/v2/library/m/blobs/sha256:12"))).toEqual([400, "DIGEST_INVALID"]);
    expect(await fault(await get("/v2/library/m/blobs/uploads/", { method: "POST" }))).toEqual([405, "UNSUPPORTED"]);
    expect(await fault(await get("/v2/library/m/manifests/latest", { method: "DELETE" }))).toEqual([405, "UNSUPPORTED"]);
  });

  test("nothing of this without the setting", async () => {
    const plain = await testServer();
    const response = await plain.app.request("/v2/");
    expect([response.status, await response.text()]).toEqual([404, "404 page not found"]);
    await plain.close();
  });

  test("a client that leaves in the middle leaves no open file", async () => {
    const big = Buffer.alloc(8 << 20, 7);
    const { digest } = await server.store.blobs.add([big]);
    const { manifest } = await server.store.manifest(parseName("m")!);
    const layer = { mediaType: "application/vnd.ollama.image.license", digest, size: big.length };
    await server.store.writeManifest(parseName("big")!, Buffer.from(JSON.stringify({ ...manifest, layers: [layer] })));
    const openFiles = () => (process.platform === "linux" ? openDescriptors(digest) : 0);
    for (let i = 0; i < 10; i++) {
      const control = new AbortController();
      const response = await get(`/v2/library/big/blobs/${digest}`, { signal: control.signal });
      await response.body?.getReader().read();
      control.abort();
    }
    while (openFiles() > 0) await new Promise((resolve) => setTimeout(resolve, 10));
  });
});

describe("with keys", () => {
  let strict: TestServer;
  let door: Listening;
  const client = generateKeyPairSync("ed25519");
  const blob = Buffer.concat([
    Buffer.from("0000000b7373682d6564323535313900000020", "hex"),
    client.publicKey.export({ type: "spki", format: "der" }).subarray(-32),
  ]).toString("base64");

  beforeAll(async () => {
    strict = await testServer({ PUNA_REGISTRY: "1", PUNA_REQUIRE_KEY: "1" });
    await strict.make("m");
    await strict.make("other");
    door = await listen(strict.app, { host: { ...readConfig({}).host, port: 0 } });
  });
  afterAll(async () => {
    await door.close();
    await strict.close();
  });

  const ask = (path: string, authorization?: string) =>
    fetch(new URL(path, door.url), { headers: authorization ? { authorization } : {} });

  /** As Ollama's client does it: the challenge, a signed request for a token, the token. */
  async function signIn(path: string, change = (url: string) => url) {
    const refused = await ask(path);
    expect(await fault(refused)).toEqual([401, "UNAUTHORIZED"]);
    const [, realm = "", service = "", scope = ""] =
      /^Bearer realm="([^"]*)",service="([^"]*)",scope="([^"]*)"$/.exec(refused.headers.get("www-authenticate") ?? "") ?? [];
    expect([realm, scope]).toEqual([`${door.url}/v2/token`, "repository:library/m:pull"]);
    const url = new URL(realm);
    url.search = new URLSearchParams({ nonce: "x", scope, service, ts: String(Math.floor(Date.now() / 1000)) }).toString();
    const empty = Buffer.from(createHash("sha256").digest("hex")).toString("base64");
    const signature = sign(null, Buffer.from(`GET,${change(url.href)},${empty}`), client.privateKey).toString("base64");
    return await ask(url.href, `${blob}:${signature}`);
  }

  test("a key with the scope, and only such a one", async () => {
    const reader = strict.keys.create({ name: "reader", scopes: ["registry"], models: ["m"] }).token;
    const user = strict.keys.create({ name: "user" }).token;
    expect((await ask("/v2/library/m/manifests/latest", `Bearer ${reader}`)).status).toBe(200);
    expect(await fault(await ask("/v2/library/m/manifests/latest", `Bearer ${user}`))).toEqual([403, "DENIED"]);
    expect(await fault(await ask("/v2/library/other/manifests/latest", `Bearer ${reader}`))).toEqual([404, "MANIFEST_UNKNOWN"]);
    expect((await object(await ask("/v2/_catalog", `Bearer ${reader}`))).repositories).toEqual(["library/m"]);
    const basic = `Basic ${Buffer.from(`anyone:${reader}`).toString("base64")}`;
    expect((await ask("/v2/library/m/manifests/latest", basic)).status).toBe(200);
    const { token } = await object(await ask("/v2/token", basic));
    expect((await ask("/v2/library/m/manifests/latest", `Bearer ${token}`)).status).toBe(200);
  });

  test("an Ollama client whose public key is known, to its last byte without credentials", async () => {
    const path = "/v2/library/m/manifests/latest";
    expect(await fault(await signIn(path))).toEqual([401, "DENIED"]);
    strict.keys.create({ name: "laptop", scopes: ["registry"], client: clientId(`ssh-ed25519 ${blob} me@laptop`) });
    const { token } = await object(await signIn(path));
    const manifest = await ask(path, `Bearer ${token}`);
    expect(manifest.status).toBe(200);
    const [{ digest }] = (await object(manifest)).layers;
    const found = await ask(`/v2/library/m/blobs/${digest}`, `Bearer ${token}`);
    await found.body?.cancel();
    const location = new URL(found.headers.get("location") ?? "", found.url);
    const bytes = await (await fetch(location)).arrayBuffer();
    expect(sha256(new Uint8Array(bytes))).toBe(digest);
    // The address is for this blob alone.
    const other = new URL(location);
    other.pathname = path;
    expect((await fetch(other)).status).toBe(401);
    location.searchParams.set("ticket", `9${location.searchParams.get("ticket")}`);
    expect((await fetch(location)).status).toBe(401);
    strict.keys.revoke("laptop");
    expect((await ask(path, `Bearer ${token}`)).status).toBe(401);
  });

  test("a signature over something else is none", async () => {
    strict.keys.create({ name: "laptop 2", scopes: ["registry"], client: clientId(`ssh-ed25519 ${blob}`) });
    const path = "/v2/library/m/manifests/latest";
    expect((await signIn(path, (url) => url.replace("nonce=x", "nonce=y"))).status).toBe(401);
    expect((await ask("/v2/token?ts=1", `${blob}:${"A".repeat(88)}`)).status).toBe(401);
    expect((await ask("/v2/token")).status).toBe(401);
  });
});

function openDescriptors(digest: string): number {
  return readdirSync("/proc/self/fd").filter((fd) => {
    try {
      return readlinkSync(`/proc/self/fd/${fd}`).endsWith(digest.replace(":", "-"));
    } catch {
      return false;
    }
  }).length;
}
