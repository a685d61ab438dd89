import { createHash } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { lines, object, type TestServer, testServer } from "../../../test/fixtures/server.ts";
import { configureLog } from "../../log.ts";

configureLog({ write: () => {} });

let server: TestServer;
beforeAll(async () => {
  server = await testServer();
  await server.make("m");
  await server.make("vectors", { pooling: 1 });
});
afterAll(() => server.close());

const post = (path: string, body: unknown, init?: RequestInit) => server.post(path, body, init);
const get = (path: string, init?: RequestInit) => server.app.request(path, init);
const error = async (response: Response) => [response.status, (await object(response)).error];

describe("the store", () => {
  test("tags, show, copy, delete", async () => {
    expect((await post("/api/copy", { source: "m", destination: "me/copy:v1" })).status).toBe(200);
    const { models } = await object(await get("/api/tags"));
    const copied = models.find((model: { name: string }) => model.name === "me/copy:v1");
    expect(copied).toMatchObject({
      model: "me/copy:v1",
      details: { format: "gguf", family: "llama", parent_model: "" },
      capabilities: ["completion"],
    });
    expect(copied.digest).toMatch(/^[0-9a-f]{64}$/);
    expect(copied.modified_at).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}(Z|[+-]\d\d:\d\d)$/);
    const shown = await object(await post("/api/show", { name: "me/COPY:v1" }));
    expect(shown).toMatchObject({
      details: { family: "llama" },
      capabilities: ["completion"],
      model_info: { "llama.context_length": 256 },
    });
    expect((await server.app.request("/api/delete", { method: "DELETE", body: '{"name":"me/copy:v1"}' })).status).toBe(200);
    expect(await error(await server.app.request("/api/delete", { method: "DELETE", body: '{"model":"me/copy:v1"}' }))).toEqual([
      404,
      "model 'me/copy:v1' not found",
    ]);
  });

  test("blobs", async () => {
    const bytes = Buffer.from("some bytes");
    const digest = `sha256:${createHash("sha256").update(bytes).digest("hex")}`;
    const send = (to: string, body: Uint8Array<ArrayBuffer>) => server.app.request(`/api/blobs/${to}`, { method: "POST", body });
    expect((await get(`/api/blobs/${digest}`, { method: "HEAD" })).status).toBe(404);
    expect((await send(digest, Buffer.from("other"))).status).toBe(400);
    expect((await send(digest, bytes)).status).toBe(201);
    expect((await send(digest.replace(":", "-"), bytes)).status).toBe(200);
    expect((await get(`/api/blobs/${digest}`, { method: "HEAD" })).status).toBe(200);
    expect((await get("/api/blobs/sha256:12", { method: "HEAD" })).status).toBe(400);
  });

  test("create from a model, streamed or not", async () => {
    const all = await lines(
      await post("/api/create", { model: "child", from: "m", system: "Be brief.", template: "{{ .System }}|{{ .Prompt }}" }),
    );
    expect(all.at(-1)).toEqual({ status: "success" });
    const rendered = await post("/api/generate", { model: "child", prompt: "hi", _debug_render_only: true });
    expect(await rendered.json()).toMatchObject({ _debug_info: { rendered_template: "Be brief.|hi" } });
    const whole = await post("/api/create", { model: "child2", from: "child", parameters: { temperature: 0 }, stream: false });
    expect(await whole.json()).toEqual({ status: "success" });
  });
});
