/** Nothing is left out in silence: every dialect says what was dropped, and can be told to refuse instead. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { configureLog } from "../../src/log.ts";
import { type TestServer, testServer } from "../fixtures/server.ts";

configureLog({ write: () => {} });

const template = "{{ range .Messages }}[{{ .Role }}]{{ .Content }}{{ end }}";
const messages = [
  { role: "user", content: "x".repeat(150) },
  { role: "assistant", content: "old" },
  { role: "user", content: "new" },
];
const long = "y".repeat(150);
const context = { options: { num_ctx: 64 } };
const said = { prompt_truncated: true, prompt_tokens_original: expect.any(Number), prompt_tokens_kept: expect.any(Number) };

/** Each way to ask with more than fits. `whole` takes the object that should say so out of an answer. */
const ways: { path: string; body: object; messages: boolean }[] = [
  { path: "/api/chat", body: { messages }, messages: true },
  { path: "/api/generate", body: { prompt: long }, messages: false },
  { path: "/api/generate", body: { prompt: long, raw: true }, messages: false },
  { path: "/v1/chat/completions", body: { messages }, messages: true },
  { path: "/v1/completions", body: { prompt: long }, messages: false },
  { path: "/v1/responses", body: { input: messages }, messages: true },
  { path: "/v1/messages", body: { messages, max_tokens: 5 }, messages: true },
];

let server: TestServer;
let strict: TestServer;
beforeAll(async () => {
  server = await testServer();
  strict = await testServer({ PUNA_ON_OVERFLOW: "error" });
  for (const one of [server, strict]) {
    await one.make("m", { template });
    await one.make("v", { pooling: 1 });
  }
});
afterAll(async () => {
  await server?.close();
  await strict?.close();
});

/** Every JSON object of an answer: one, lines, or events. */
async function objects(response: Response): Promise<Record<string, unknown>[]> {
  const text = await response.text();
  return text
    .split("\n")
    .map((line) => line.replace(/^data: /, ""))
    .filter((line) => line.startsWith("{"))
    .map((line) => JSON.parse(line));
}

/** The object itself, or what is inside the events of OpenAI's responses and Anthropic's messages. */
function holders(all: Record<string, unknown>[]): Record<string, unknown>[] {
  return all.flatMap((one) => [one, one.response, one.message].filter((of) => typeof of === "object")) as Record<
    string,
    unknown
  >[];
}

describe.each(ways)("$path $body", ({ path, body, messages: hasMessages }) => {
  const request = (stream: boolean) => ({ model: "m", ...context, ...body, stream });

  test.each([false, true])("says what was dropped (stream: %s)", async (stream) => {
    const response = await server.post(path, request(stream));
    expect(response.status).toBe(200);
    expect(response.headers.get("puna-prompt-truncated")).toMatch(/^tokens=\d+; kept=\d+; messages=\d+$/);
    const telling = holders(await objects(response)).filter(({ prompt_truncated }) => prompt_truncated === true);
    expect(telling.length).toBeGreaterThan(0);
    expect(telling[0]).toMatchObject({ ...said, ...(hasMessages && { truncated_messages: 1 }) });
  });

  test("says nothing when all of it fits", async () => {
    const response = await server.post(path, { ...request(false), options: { num_ctx: 256 } });
    expect(response.headers.has("puna-prompt-truncated")).toBe(false);
    expect(JSON.stringify(await response.json())).not.toContain("prompt_truncated");
  });

  test.each([false, true])("PUNA_ON_OVERFLOW=error refuses, with OpenAI's code (stream: %s)", async (stream) => {
    const response = await strict.post(path, request(stream));
    expect(response.status).toBe(400);
    const answer = (await response.json()) as { code?: string; error: string | { code: string; message: string } };
    const { code, message } = typeof answer.error === "string" ? { code: answer.code, message: answer.error } : answer.error;
    expect(code).toBe("context_length_exceeded");
    expect(message).toMatch(/^the prompt has \d+ tokens, and the context holds 64/);
  });
});

describe("texts to embed", () => {
  test.each(["/api/embed", "/v1/embeddings"])("%s", async (path) => {
    const body = { model: "v", input: ["short", "z".repeat(300)] };
    const response = await server.post(path, body);
    expect(response.headers.get("puna-truncated-inputs")).toBe("1");
    expect(await response.json()).toMatchObject({ truncated_inputs: 1 });
    const refused = await strict.post(path, body);
    expect(refused.status).toBe(400);
    expect(JSON.stringify(await refused.json())).toContain('"code":"context_length_exceeded"');
  });

  test("/api/embeddings never cuts", async () => {
    const refused = await server.post("/api/embeddings", { model: "v", prompt: "z".repeat(300) });
    expect([refused.status, await refused.json()]).toEqual([
      500,
      { error: "the input length exceeds the context length", code: "context_length_exceeded" },
    ]);
  });
});

test("a page in a browser may read the headers", async () => {
  const response = await server.app.request("/api/version", { headers: { origin: "http://localhost:3000" } });
  const exposed = response.headers.get("access-control-expose-headers") ?? "";
  for (const name of ["Puna-Prompt-Truncated", "Puna-Truncated-Inputs", "Puna-Truncated-Documents"])
    expect(exposed).toContain(name);
});
