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
const error = async (response: Response) => [response.status, (await object(response)).error];

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
    expect(response.headers.get("puna-prompt-truncated")).toMatch(/^tokens=\d+; kept=\d+; messages=1$/);
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
    await strict.make("v", { pooling: 1 });
    const input = "x".repeat(500);
    const refusal = { error: "the input length exceeds the context length", code: "context_length_exceeded" };
    for (const request of [{ input }, { input, truncate: true }])
      expect(await object(await strict.post("/api/embed", { model: "v", ...request }))).toEqual(refusal);
    expect(await object(await strict.post("/api/embeddings", { model: "v", prompt: input }))).toEqual(refusal);
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
