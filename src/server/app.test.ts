import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { object, type TestServer, testServer } from "../../test/fixtures/server.ts";
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

test("versions are semver, and there is no cloud", async () => {
  expect((await object(await get("/api/version"))).version).toMatch(/^\d+\.\d+\.\d+(\+[0-9a-z.]+)?$/);
  expect(await object(await get("/api/status"))).toEqual({ cloud: { disabled: true, source: "config" } });
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

test("a compressed body is read", async () => {
  const body = gzipSync(JSON.stringify({ model: "m", prompt: "hi", raw: true, stream: false }));
  const response = await get("/api/generate", { method: "POST", body, headers: { "content-encoding": "gzip" } });
  expect(await object(response)).toMatchObject({ response: "hi" });
});
