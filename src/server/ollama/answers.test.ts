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

describe("answers", () => {
  test("generate streams lines and ends with the numbers and the context", async () => {
    const response = await post("/api/generate", { model: "m", prompt: "héllo 😀" });
    expect(response.headers.get("content-type")).toBe("application/x-ndjson");
    const all = await lines(response);
    const last = all.pop();
    expect(all.every((line) => line.done === false && line.model === "m")).toBe(true);
    expect(all.map((line) => line.response).join("")).toBe("héllo 😀");
    const tokens = Array.from("héllo 😀", (c) => c.codePointAt(0));
    expect(last).toMatchObject({
      response: "",
      done: true,
      done_reason: "stop",
      prompt_eval_count: 7,
      eval_count: 7,
      context: [...tokens, ...tokens],
    });
    expect(last.created_at).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z$/);
    for (const key of ["total_duration", "load_duration", "prompt_eval_duration", "eval_duration"])
      expect(Number.isInteger(last[key])).toBe(true);
  });

  test("context goes on where it was", async () => {
    const context = Array.from("abc", (c) => c.codePointAt(0));
    const response = await post("/api/generate", { model: "m", prompt: "d", context, stream: false });
    expect(await response.json()).toMatchObject({ response: "abcd" });
  });

  test("chat", async () => {
    const response = await post("/api/chat", { model: "m", messages: [{ role: "USER", content: "hi" }], stream: false });
    expect(await response.json()).toMatchObject({
      model: "m",
      message: { role: "assistant", content: "hi" },
      done: true,
      done_reason: "stop",
    });
  });

  test("num_predict 0 gives nothing, with reason length", async () => {
    const response = await post("/api/generate", {
      model: "m",
      prompt: "hi",
      raw: true,
      stream: false,
      options: { num_predict: 0 },
    });
    expect(await response.json()).toMatchObject({ response: "", done: true, done_reason: "length" });
  });

  test("loading and unloading are one object", async () => {
    const model = "M:Latest";
    expect(await object(await post("/api/generate", { model }))).toMatchObject({
      model,
      response: "",
      done: true,
      done_reason: "load",
    });
    const ps = await object(await get("/api/ps"));
    expect(ps.models.map((loaded: { name: string }) => loaded.name)).toContain("m:latest");
    expect(await object(await post("/api/chat", { model, keep_alive: 0 }))).toMatchObject({
      message: { role: "assistant", content: "" },
      done: true,
      done_reason: "unload",
    });
    expect((await object(await get("/api/ps"))).models).toEqual([]);
  });

  test("a prompt is shown instead of answered", async () => {
    const response = await post("/api/chat", {
      model: "m",
      messages: [{ role: "user", content: "hi" }],
      _debug_render_only: true,
    });
    expect(await response.json()).toMatchObject({ model: "m", _debug_info: { rendered_template: "hi" } });
  });

  test("the same for ever is cut off, and said to be", async () => {
    const response = await post("/api/generate", { model: "m", prompt: "aaaa".repeat(40), raw: true, stream: false });
    expect(await response.json()).toMatchObject({ done: true, done_reason: "repetition" });
  });

  test("a runner that dies in the middle gives an error line; the next request works", async () => {
    const all = await lines(await post("/api/generate", { model: "m", prompt: "die here", raw: true }));
    expect(all.at(-1).error).toMatch(/^model runner has unexpectedly stopped/);
    expect(all.length).toBeGreaterThan(1);
    const next = await post("/api/generate", { model: "m", prompt: "well", raw: true, stream: false });
    expect(await next.json()).toMatchObject({ response: "well" });
  });

  test("a client that leaves frees the model", async () => {
    const control = new AbortController();
    const response = await post("/api/generate", { model: "m", prompt: "forever", raw: true }, { signal: control.signal });
    const reader = response.body?.getReader();
    await reader?.read();
    await reader?.cancel();
    for (;;)
      if (server.runtime.loaded().every(({ active }) => active === 0)) break;
      else await new Promise((resolve) => setTimeout(resolve, 5));
  });
});

describe("embeddings", () => {
  test("are of length 1, cut and normalised again with dimensions, and raw in the old form", async () => {
    const body = await object(await post("/api/embed", { model: "vectors", input: ["a", ""] }));
    expect(body).toMatchObject({
      model: "vectors",
      embeddings: [
        [0.6, 0.8],
        [0.6, 0.8],
      ],
      prompt_eval_count: 1,
    });
    expect((await object(await post("/api/embed", { model: "vectors", input: "a", dimensions: 1 }))).embeddings).toEqual([[1]]);
    expect(await object(await post("/api/embeddings", { model: "vectors", prompt: "a" }))).toEqual({ embedding: [3, 4] });
  });

  test("nothing to embed loads the model", async () => {
    expect(await object(await post("/api/embed", { model: "vectors" }))).toEqual({ model: "vectors", embeddings: [] });
    expect(await object(await post("/api/embeddings", { model: "vectors" }))).toEqual({ embedding: [] });
  });

  test("too long is cut and said, or refused", async () => {
    const input = "x".repeat(500);
    const response = await post("/api/embed", { model: "vectors", input });
    expect(await response.json()).toMatchObject({ prompt_eval_count: 256, truncated_inputs: 1 });
    expect(response.headers.get("puna-truncated-inputs")).toBe("1");
    expect(await error(await post("/api/embed", { model: "vectors", input, truncate: false }))).toEqual([
      400,
      "the input length exceeds the context length",
    ]);
    expect(await error(await post("/api/embed", { model: "vectors", input: "!" }))).toEqual([
      400,
      "embedding contains NaN or Inf values",
    ]);
    expect(await error(await post("/api/embeddings", { model: "vectors", prompt: input }))).toEqual([
      500,
      "the input length exceeds the context length",
    ]);
  });
});
