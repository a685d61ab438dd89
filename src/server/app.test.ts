import { createHash } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { lines, object, type TestServer, testServer } from "../../test/fixtures/server.ts";
import { configureLog } from "../log.ts";

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

describe("manners", () => {
  test.each([
    ["GET", "/", 200, "Ollama is running"],
    ["HEAD", "/", 200, ""],
    ["GET", "/nowhere", 404, "404 page not found"],
    ["GET", "/api/chat", 405, "405 method not allowed"],
    ["POST", "/api/tags", 405, "405 method not allowed"],
    ["GET", "/api/delete", 405, "405 method not allowed"],
    ["HEAD", "/api/tags", 200, ""],
  ])("%s %s: %i %s", async (method, path, status, text) => {
    const response = await get(path, { method });
    expect(response.status).toBe(status);
    if (method !== "HEAD") expect(await response.text()).toBe(text);
  });

  test("a slash too many is redirected", async () => {
    const found = await get("/api/tags/?a=1");
    expect([found.status, found.headers.get("location")]).toEqual([301, "/api/tags?a=1"]);
    expect((await post("/api/chat/", {})).status).toBe(307);
  });

  test("bodies: empty, broken, of a wrong type", async () => {
    expect(await error(await post("/api/generate", ""))).toEqual([400, "missing request body"]);
    expect(await error(await post("/api/generate", "xyz"))).toEqual([
      400,
      "invalid character 'x' looking for beginning of value",
    ]);
    expect(await error(await post("/api/generate", "[]"))).toEqual([
      400,
      "json: cannot unmarshal array into Go value of type GenerateRequest",
    ]);
    expect(await error(await post("/api/chat", { model: "m", messages: "hi" }))).toEqual([
      400,
      "json: cannot unmarshal string into Go struct field ChatRequest.messages of type array",
    ]);
    expect(await error(await post("/api/chat", { model: "m", messages: [{ role: "user", content: 1 }] }))).toEqual([
      400,
      "json: cannot unmarshal number into Go struct field ChatRequest.messages.content of type string",
    ]);
  });

  test("only the first value counts, names match in any case, unknown fields and nulls are nothing", async () => {
    const body =
      '{"MODEL":"m","Prompt":"hi","STREAM":false,"raw":true,"bogus":1,"keep_alive":null,"format":null}{"model":"nope"}';
    const response = await post("/api/generate", body);
    expect(response.headers.get("content-type")).toBe("application/json; charset=utf-8");
    expect(await response.json()).toMatchObject({ model: "m", response: "hi", done: true, done_reason: "stop" });
  });

  test("50 MB in one field do no harm", async () => {
    const response = await post("/api/generate", { model: "nope", prompt: "x".repeat(50_000_000) });
    expect(await error(response)).toEqual([404, "model 'nope' not found"]);
  });

  test("text is escaped as Go escapes it", async () => {
    const response = await post("/api/generate", { model: "m", prompt: "<a&b>", raw: true, stream: false });
    expect(await response.text()).toContain('"response":"\\u003ca\\u0026b\\u003e"');
  });
});

describe("guards", () => {
  const from = (origin: string, method = "GET", host = "127.0.0.1:11434") =>
    get("/api/tags", { method, headers: { origin, host } });

  test.each([
    "http://localhost",
    "https://localhost:3000",
    "http://127.0.0.1:5173",
    "app://x",
    "tauri://localhost",
    "vscode-webview://abc",
  ])("%s may call", async (origin) => {
    const response = await from(origin);
    expect([response.status, response.headers.get("access-control-allow-origin")]).toEqual([200, origin]);
    expect((await from(origin, "OPTIONS")).status).toBe(204);
  });

  test.each(["http://evil.example", "http://localhost.evil.example", "chrome-extension://abc", "null"])(
    "%s may not",
    async (origin) => {
      const response = await from(origin);
      expect([response.status, await response.text()]).toEqual([403, ""]);
    },
  );

  test("OLLAMA_ORIGINS adds to the list", async () => {
    const open = await testServer({ OLLAMA_ORIGINS: "chrome-extension://*, https://my.example" });
    const at = async (origin: string) => (await open.app.request("/", { headers: { origin } })).status;
    expect([await at("chrome-extension://abc"), await at("https://my.example"), await at("https://other.example")]).toEqual([
      200, 200, 403,
    ]);
    await open.close();
  });

  test.each([
    ["localhost:11434", 200],
    ["127.0.0.1", 200],
    ["[::1]:11434", 200],
    ["192.168.1.7:11434", 200],
    ["box.local", 200],
    ["evil.example", 403],
    ["evil.example:11434", 403],
    ["8.8.8.8", 403],
  ])("Host %s: %i", async (host, status) => {
    expect((await get("/api/version", { headers: { host } })).status).toBe(status);
  });

  test("a server that others may reach has no Host guard", async () => {
    const open = await testServer({ OLLAMA_HOST: "0.0.0.0" });
    expect((await open.app.request("/", { headers: { host: "evil.example" } })).status).toBe(200);
    await open.close();
  });
});

describe("errors of generate and chat, in order", () => {
  test.each([
    ["/api/generate", { model: "" }, 404, "model '' not found"],
    ["/api/generate", {}, 404, "model '' not found"],
    ["/api/generate", { model: "nope" }, 404, "model 'nope' not found"],
    ["/api/generate", { model: "m", top_logprobs: 21 }, 400, "top_logprobs must be between 0 and 20"],
    [
      "/api/generate",
      { model: "m", raw: true, system: "s", prompt: "p" },
      400,
      "raw mode does not support template, system, or context",
    ],
    ["/api/generate", { model: "m", think: true, prompt: "p" }, 400, '"m" does not support thinking'],
    [
      "/api/generate",
      { model: "m", think: "very", prompt: "p" },
      400,
      'invalid think value: "very" (must be "high", "medium", "low", "max", true, or false)',
    ],
    [
      "/api/generate",
      { model: "m", think: 3, prompt: "p" },
      400,
      'think must be a boolean or string ("high", "medium", "low", "max", true, or false)',
    ],
    ["/api/generate", { model: "vectors", prompt: "p" }, 400, '"vectors" does not support generate'],
    [
      "/api/generate",
      { model: "m", prompt: "p", suffix: "s" },
      400,
      "registry.ollama.ai/library/m:latest does not support insert",
    ],
    ["/api/generate", { model: "m", prompt: "p", keep_alive: "abc" }, 400, 'time: invalid duration "abc"'],
    ["/api/generate", { model: "m", prompt: "p", keep_alive: "10" }, 400, 'time: missing unit in duration "10"'],
    ["/api/generate", { model: "m", prompt: "p", keep_alive: true }, 400, "Unsupported type: 'bool'"],
    ["/api/generate", { model: "m", prompt: "p", images: ["@@"] }, 400, "illegal base64 data at input byte 0"],
    [
      "/api/generate",
      { model: "m", prompt: "p", images: ["aGk="] },
      400,
      "images cannot be read by this version of Puna yet: send the request without them",
    ],
    ["/api/generate", { model: "m", prompt: "p", template: "{{ .Nope" }, 500, /template/],
    ["/api/generate", { model: "m:cloud", prompt: "p" }, 403, "ollama cloud is disabled: remote model is unavailable"],
    ["/api/generate", { model: "m:cloud:local", prompt: "p" }, 400, 'use either :local or :cloud, not both: "m:cloud:local"'],
    ["/api/chat", { model: "" }, 400, "model is required"],
    ["/api/chat", { model: "a/b/c/d/e:f:g/h" }, 400, "invalid model name"],
    ["/api/chat", { model: "nope" }, 404, "model 'nope' not found"],
    ["/api/chat", { model: "vectors", messages: [{ role: "user", content: "x" }] }, 400, '"vectors" does not support chat'],
    [
      "/api/chat",
      { model: "m", messages: [{ role: "user", content: "x" }], tools: [{ type: "function", function: { name: "f" } }] },
      400,
      "registry.ollama.ai/library/m:latest does not support tools",
    ],
    ["/api/embed", { model: "nope", input: "x" }, 404, 'model "nope" not found, try pulling it first'],
    ["/api/embed", { model: "vectors", input: 3 }, 400, "invalid input type"],
    ["/api/embeddings", { prompt: "x" }, 400, "model is required"],
    ["/api/show", {}, 400, "model is required"],
    ["/api/show", { model: "no/good/at/all" }, 400, "invalid model name"],
    ["/api/show", { model: "nope" }, 404, "model 'nope:latest' not found"],
    ["/api/copy", { source: "nope", destination: "b" }, 404, 'model "nope" not found'],
    ["/api/copy", { source: "", destination: "b" }, 400, 'source "" is invalid'],
    ["/api/copy", { source: "m", destination: "" }, 400, 'destination "" is invalid'],
    ["/api/create", { model: "x", modelfile: "FROM y" }, 400, "neither 'from' or 'files' was specified"],
    ["/api/create", { model: "", from: "m" }, 400, "invalid model name"],
    ["/api/create", { model: "x", files: { "../a.gguf": `sha256:${"0".repeat(64)}` } }, 400, "file path must be relative"],
    ["/api/create", { model: "x", from: "m", template: "{{ if }}" }, 400, /^template error: /],
  ])("%s %j: %i %s", async (path, body, status, message) => {
    const [got, text] = await error(await post(path, body));
    expect([got, text]).toEqual([status, typeof message === "string" ? message : expect.stringMatching(message)]);
  });
});

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

test("versions are semver, and pull says what to do instead", async () => {
  expect((await object(await get("/api/version"))).version).toMatch(/^\d+\.\d+\.\d+(\+[0-9a-z.]+)?$/);
  expect(await error(await post("/api/pull", { model: "x" }))).toEqual([501, expect.stringContaining("puna create")]);
  expect(await object(await get("/api/status"))).toEqual({ cloud: { disabled: true, source: "config" } });
});

describe("what does not fit the context", () => {
  const long = (words: number) => "word ".repeat(words);
  const template = "{{ range .Messages }}[{{ .Role }}]{{ .Content }}{{ end }}";
  const messages = [
    { role: "system", content: "S" },
    { role: "user", content: long(40) },
    { role: "assistant", content: "old answer" },
    { role: "user", content: "last question" },
  ];
  const options = { num_ctx: 64 };

  test("whole messages go from the front, and the answer says so", async () => {
    await server.make("t", { template });
    const response = await post("/api/chat", { model: "t", messages, options, stream: false });
    expect(response.headers.get("puna-prompt-truncated")).toMatch(/^tokens=\d+$/);
    const body = await object(response);
    expect(body).toMatchObject({
      prompt_truncated: true,
      truncated_messages: 1,
      message: { content: "[system]S[assistant]old answer[user]last question" },
    });
    expect(body.prompt_tokens_original).toBeGreaterThan(200);
    const last = (await lines(await post("/api/chat", { model: "t", messages, options }))).at(-1);
    expect(last).toMatchObject({ done: true, prompt_truncated: true, truncated_messages: 1 });
  });

  test("a prompt that fits says nothing", async () => {
    const body = await object(await post("/api/chat", { model: "t", messages: messages.slice(3), options, stream: false }));
    expect(Object.keys(body).filter((key) => key.includes("trunc"))).toEqual([]);
  });

  test("truncate: false refuses in Ollama's words", async () => {
    const response = await post("/api/chat", { model: "t", messages, options, truncate: false });
    expect(response.status).toBe(400);
    expect(await object(response)).toMatchObject({
      error: expect.stringContaining("longer than the context length"),
      code: "context_length_exceeded",
    });
  });

  test("PUNA_ON_OVERFLOW=error refuses with the numbers", async () => {
    const strict = await testServer({ PUNA_ON_OVERFLOW: "error" });
    await strict.make("t", { template });
    const body = await object(await strict.post("/api/chat", { model: "t", messages, options }));
    expect(body).toEqual({
      error: expect.stringMatching(/^the prompt has \d+ tokens, and the context holds 64/),
      code: "context_length_exceeded",
    });
    await strict.close();
  });

  test("a text that could never fit is not even counted", async () => {
    const response = await post("/api/generate", { model: "m", prompt: "x".repeat(3_000_000), stream: false });
    expect(await error(response)).toEqual([400, expect.stringMatching(/^the prompt is too long: 3000000 characters/)]);
  });
});

describe("thinking", () => {
  const template = "{{ range .Messages }}{{ if .Thinking }}<think>{{ .Thinking }}</think>{{ end }}{{ .Content }}{{ end }}";
  const say = async (content: string, more: object = {}) =>
    (await object(await post("/api/chat", { model: "thinker", messages: [{ role: "user", content }], stream: false, ...more })))
      .message;

  test("is on by default, kept apart, and can be switched off", async () => {
    await server.make("thinker", { template });
    expect(await say("<think>hm</think>yes")).toEqual({ role: "assistant", thinking: "hm", content: "yes" });
    expect(await say("<think>hm</think>yes", { think: false })).toEqual({ role: "assistant", content: "<think>hm</think>yes" });
    const all = await lines(await post("/api/generate", { model: "thinker", prompt: "<think>hm</think>yes" }));
    expect([all.map((line) => line.thinking ?? "").join(""), all.map((line) => line.response).join("")]).toEqual(["hm", "yes"]);
  });

  test("a model that does not think is asked again with its format at once, and says everything once", async () => {
    expect(await say("{}", { format: "json" })).toEqual({ role: "assistant", content: "{}" });
    expect(await say("<think>hm</think>{}", { format: "json" })).toEqual({ role: "assistant", thinking: "hm", content: "{}" });
  });
});

test("too many waiting requests get 503, over HTTP", async () => {
  const busy = await testServer({ OLLAMA_MAX_QUEUE: "1", OLLAMA_MAX_LOADED_MODELS: "1" });
  for (const name of ["a", "b"]) await busy.make(name);
  const control = new AbortController();
  const first = await busy.post("/api/generate", { model: "a", prompt: "forever", raw: true }, { signal: control.signal });
  const waiting = busy.post("/api/generate", { model: "b", prompt: "x", raw: true, stream: false });
  while (busy.runtime.waiting === 0) await new Promise((resolve) => setTimeout(resolve, 5));
  const refused = await busy.post("/api/generate", { model: "b", prompt: "y", raw: true });
  expect(await error(refused)).toEqual([503, "server busy, please try again.  maximum pending requests exceeded"]);
  await first.body?.cancel();
  expect(await object(await waiting)).toMatchObject({ response: "x" });
  await busy.close();
});
