/** Pull and push between Puna and a real registry, over HTTP as clients do it. */
import { createHash, randomBytes } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { parseName } from "../../src/models/name.ts";
import { type DockerRegistry, hasDockerRegistry, startDockerRegistry } from "../fixtures/docker-registry.ts";
import { lines, object, type TestServer, testServer } from "../fixtures/server.ts";

describe.skipIf(!hasDockerRegistry)("a real registry (needs Debian's docker-registry package)", () => {
  let registry: DockerRegistry;
  let from: TestServer;
  let to: TestServer;
  const statuses = (all: { status: string }[]) => [...new Set(all.map(({ status }) => status.replace(/ [0-9a-f]{12}$/, " …")))];

  beforeAll(async () => {
    registry = await startDockerRegistry();
    from = await testServer();
    to = await testServer();
  });
  afterAll(async () => {
    await from.close();
    await to.close();
    await registry.close();
  });

  test("push, then pull elsewhere: identical bytes", async () => {
    await from.make("plain", { system: "Be brief.", template: "{{ .Prompt }}" });
    const name = `${registry.host}/me/there:v1`;
    await from.post("/api/copy", { source: "plain", destination: name });
    const pushed = await lines(await from.post("/api/push", { model: name }));
    expect(statuses(pushed)).toEqual(["retrieving manifest", "pushing …", "pushing manifest", "success"]);
    const pulled = await lines(await to.post("/api/pull", { model: name }));
    expect(statuses(pulled)).toEqual(["pulling manifest", "pulling …", "verifying sha256 digest", "writing manifest", "success"]);
    const parsed = parseName(name)!;
    const [a, b] = [await from.store.read(parsed), await to.store.read(parsed)];
    expect(b.digest).toBe(a.digest);
    for (const { digest } of [...a.manifest.layers, a.manifest.config]) {
      expect(readFileSync(to.store.blobs.path(digest)).equals(readFileSync(from.store.blobs.path(digest)))).toBe(true);
    }
    // A second time there is nothing to send.
    const again = await lines(await from.post("/api/push", { model: name }));
    expect(again.filter(({ digest }) => digest).every(({ total, completed }) => total === completed)).toBe(true);
    expect(await object(await from.post("/api/push", { model: name, stream: false }))).toEqual({ status: "success" });
    expect(await object(await to.post("/api/pull", { name, stream: false }))).toEqual({ status: "success" });
  });

  test("a blob of many parts, there and back", async () => {
    const weights = randomBytes(130_000_000);
    const { digest, size } = await from.store.blobs.add([weights]);
    const config = await from.store.blobs.add([Buffer.from('{"model_format":"gguf","model_family":"llama"}')]);
    const manifest = {
      schemaVersion: 2,
      mediaType: "application/vnd.docker.distribution.manifest.v2+json",
      config: { mediaType: "application/vnd.docker.container.image.v1+json", digest: config.digest, size: config.size },
      layers: [{ mediaType: "application/vnd.ollama.image.model", digest, size }],
    };
    const name = `${registry.host}/me/large:latest`;
    await from.store.writeManifest(parseName(name)!, Buffer.from(JSON.stringify(manifest)));
    const pushed = await lines(await from.post("/api/push", { model: name }));
    expect(pushed.at(-1)).toEqual({ status: "success" });
    const pulled = await lines(await to.post("/api/pull", { model: name }));
    expect(pulled.at(-1)).toEqual({ status: "success" });
    expect(
      createHash("sha256")
        .update(readFileSync(to.store.blobs.path(digest)))
        .digest("hex"),
    ).toBe(digest.slice(7));
  });

  test("what is not there", async () => {
    expect(await object(await to.post("/api/pull", { model: `${registry.host}/me/nothing`, stream: false }))).toEqual({
      error: "pull model manifest: file does not exist",
    });
    expect((await to.post("/api/pull", { model: `${registry.host}/me/nothing`, stream: false })).status).toBe(500);
    expect(await lines(await to.post("/api/pull", { model: `${registry.host}/me/nothing` }))).toEqual([
      { status: "pulling manifest" },
      { error: "pull model manifest: file does not exist" },
    ]);
    expect(await object(await to.post("/api/push", { model: `${registry.host}/me/nothing`, stream: false }))).toEqual({
      error: "couldn't retrieve manifest",
    });
    expect(existsSync(path.join(to.config.models, "manifests", registry.host, "me", "nothing"))).toBe(false);
  });

  test("bad requests", async () => {
    const refused = async (route: string, body: unknown) => {
      const answer = await to.post(route, body);
      return [answer.status, (await object(answer)).error];
    };
    expect(await refused("/api/pull", { model: "a/b/c/d/e f" })).toEqual([400, "invalid model name"]);
    expect(await refused("/api/pull", {})).toEqual([400, "invalid model name"]);
    expect(await refused("/api/pull", "")).toEqual([400, "missing request body"]);
    expect(await refused("/api/push", {})).toEqual([400, "model is required"]);
    expect(await refused("/api/push", { model: "../../x" })).toEqual([400, "invalid model name"]);
  });
});
