import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { object, type TestServer, testServer } from "../../../test/fixtures/server.ts";
import { configureLog } from "../../log.ts";

configureLog({ write: () => {} });

// The fake runner answers with the prompt itself, so a template says what comes back.
const echo = "{{ range .Messages }}[{{ .Role }}{{ if .ToolName }} {{ .ToolName }}{{ end }}]{{ .Content }}{{ end }}";
const thinker =
  "{{ range .Messages }}{{ if .Thinking }}<think>{{ .Thinking }}</think>{{ end }}{{ .Content }}{{ end }}{{ if .Tools }}{{ end }}";
const caller =
  '{{ range .Messages }}{{ .Content }}{{ range .ToolCalls }}<tool_call>{"name": "{{ .Function.Name }}", "arguments": {{ .Function.Arguments }} }</tool_call>{{ end }}{{ end }}{{ if .Tools }} {{ end }}';

let server: TestServer;
beforeAll(async () => {
  server = await testServer();
  await server.make("echo", { template: echo });
  await server.make("thinker", { template: thinker });
  await server.make("caller", { template: caller });
  await server.make("vectors", { pooling: 1 });
});
afterAll(() => server.close());

const ask = async (more: object, path = "/v1/messages") =>
  await server.post(path, { model: "echo", max_tokens: 500, messages: [{ role: "user", content: "hi" }], ...more });
const text = async (more: object) => (await object(await ask(more))).content[0].text;
const weather = {
  name: "weather",
  description: "of a city",
  input_schema: { type: "object", properties: { city: { type: "string" } } },
};
const call = '<tool_call>{"name": "weather", "arguments": {"city": "Paris"}}</tool_call>';

/** Events of a stream as [event, data]. */
async function events(response: Response): Promise<[string, Record<string, unknown>][]> {
  expect(response.headers.get("content-type")).toContain("text/event-stream");
  return (await response.text())
    .trimEnd()
    .split("\n\n")
    .map((block) => {
      const [, name = "", data = ""] = /^event: (.*)\ndata: (.*)$/.exec(block) ?? [];
      return [name, JSON.parse(data)];
    });
}

describe("the conversation", () => {
  test("system as text or blocks, and what a message's blocks hold", async () => {
    expect(await text({ system: "Be brief." })).toBe("[system]Be brief.[user]hi");
    const system = [
      { type: "text", text: "A", cache_control: { type: "ephemeral" } },
      { type: "text", text: "B" },
    ];
    expect(await text({ system })).toBe("[system]A\nB[user]hi");
    const content = [
      { type: "text", text: "one" },
      { type: "document", title: "T", source: { type: "text", media_type: "text/plain", data: "two" } },
      { type: "search_result", title: "S", source: "url", content: [{ type: "text", text: "three" }] },
    ];
    expect(await text({ messages: [{ role: "user", content }] })).toBe("[user]one\nT\n\ntwo\nS (url)\nthree");
  });

  test("a tool's result goes before the user's text, with the tool's name", async () => {
    const messages = [
      { role: "user", content: "go" },
      { role: "assistant", content: [{ type: "tool_use", id: "toolu_1", name: "weather", input: {} }] },
      {
        role: "user",
        content: [
          { type: "text", text: "and now?" },
          { type: "tool_result", tool_use_id: "toolu_1", content: [{ type: "text", text: "sunny" }] },
          { type: "tool_result", tool_use_id: "toolu_2", content: "no such city", is_error: true },
        ],
      },
    ];
    expect(await text({ messages })).toBe("[user]go[assistant][tool weather]sunny[tool]Error: no such city[user]and now?");
  });
});

describe("the answer", () => {
  test("whole: content, why it stopped, and what it took", async () => {
    const response = await ask({});
    expect(response.headers.get("request-id")).toMatch(/^req_[0-9a-f]{24}$/);
    expect(await object(response)).toEqual({
      id: expect.stringMatching(/^msg_[0-9a-f]{24}$/),
      type: "message",
      role: "assistant",
      model: "echo",
      content: [{ type: "text", text: "[user]hi" }],
      stop_reason: "end_turn",
      stop_sequence: null,
      usage: { input_tokens: 8, cache_creation_input_tokens: 0, cache_read_input_tokens: 0, output_tokens: 8 },
    });
    expect(await object(await ask({ max_tokens: 3 }))).toMatchObject({
      content: [{ text: "[us" }],
      stop_reason: "max_tokens",
      stop_sequence: null,
    });
  });

  test("streamed: the official order, with a ping", async () => {
    const all = await events(await ask({ stream: true, max_tokens: 2 }));
    expect(all.map(([name]) => name)).toEqual([
      "message_start",
      "ping",
      "content_block_start",
      "content_block_delta",
      "content_block_delta",
      "content_block_stop",
      "message_delta",
      "message_stop",
    ]);
    for (const [name, data] of all) expect(data.type).toBe(name);
    expect(all[0]?.[1].message).toMatchObject({ content: [], stop_reason: null, usage: { input_tokens: 8, output_tokens: 0 } });
    expect(all[2]?.[1]).toEqual({ type: "content_block_start", index: 0, content_block: { type: "text", text: "" } });
    expect(all[3]?.[1]).toEqual({ type: "content_block_delta", index: 0, delta: { type: "text_delta", text: "[" } });
    expect(all[6]?.[1]).toEqual({
      type: "message_delta",
      delta: { stop_reason: "max_tokens", stop_sequence: null },
      usage: { input_tokens: 8, cache_creation_input_tokens: 0, cache_read_input_tokens: 0, output_tokens: 2 },
    });
  });

  test("thinking has a block of its own, signed", async () => {
    const messages = [{ role: "user", content: "<think>hm</think>yes" }];
    const thinking = { type: "enabled", budget_tokens: 1024 };
    const whole = await object(await ask({ model: "thinker", messages, thinking }));
    expect(whole.content).toEqual([
      { type: "thinking", thinking: "hm", signature: expect.stringMatching(/^.{44}$/) },
      { type: "text", text: "yes" },
    ]);
    expect(whole.usage.output_tokens_details.thinking_tokens).toBeGreaterThan(0);
    const all = await events(await ask({ model: "thinker", messages, thinking, stream: true }));
    const deltas = all.flatMap(([, { index, delta }]) =>
      index === undefined ? [] : [[index, (delta as { type?: string })?.type]],
    );
    expect(deltas.filter(([, type]) => type)).toEqual([
      ...[
        [0, "thinking_delta"],
        [0, "thinking_delta"],
        [0, "signature_delta"],
      ],
      ...[
        [1, "text_delta"],
        [1, "text_delta"],
        [1, "text_delta"],
      ],
    ]);
    const off = await object(await ask({ model: "thinker", messages, thinking: { type: "disabled" } }));
    expect(off.content).toEqual([{ type: "text", text: "<think>hm</think>yes" }]);
    // A model that does not think is not told to.
    expect(await text({ thinking })).toBe("[user]hi");
  });

  test("thinking ends at its budget, and the answer follows", async () => {
    // The fake runner says the prompt again: cut short, it is told to close its thinking, and says that too.
    const messages = [{ role: "user", content: "<think>one two three" }];
    const whole = await object(await ask({ model: "thinker", messages, thinking: { type: "enabled", budget_tokens: 10 } }));
    expect(whole.content[0]).toMatchObject({ type: "thinking", thinking: expect.stringMatching(/^one/) });
    expect(whole.content[1].text).toBe("<think>one two three<think>one\n</think>\n\n");
    expect(whole.usage.output_tokens).toBe(10 + "<think>one two three<think>one\n</think>\n\n".length);
    expect(whole.usage.input_tokens).toBe("<think>one two three".length);
  });

  test("a tool call", async () => {
    const tools = [weather];
    const messages = [{ role: "user", content: `Well: ${call}` }];
    const whole = await object(await ask({ model: "caller", messages, tools }));
    expect(whole.content).toEqual([
      { type: "text", text: expect.stringContaining("Well:") },
      { type: "tool_use", id: expect.stringMatching(/^toolu_/), name: "weather", input: { city: "Paris" } },
    ]);
    expect(whole.stop_reason).toBe("tool_use");
    const all = await events(await ask({ model: "caller", messages, tools, stream: true }));
    const starts = all.flatMap(([name, data]) => (name === "content_block_start" ? [data.content_block] : []));
    expect(starts).toEqual([
      { type: "text", text: "" },
      { type: "tool_use", id: expect.stringMatching(/^toolu_/), name: "weather", input: {} },
    ]);
    const json = all.flatMap(([, { delta }]) => (delta as { partial_json?: string })?.partial_json ?? []).join("");
    expect(JSON.parse(json)).toEqual({ city: "Paris" });
    // Told not to call, it has no tools to call.
    const none = await object(await ask({ model: "caller", messages, tools, tool_choice: { type: "none" } }));
    expect(none).toMatchObject({ stop_reason: "end_turn", content: [{ type: "text", text: `Well: ${call}` }] });
  });

  test("what did not fit is said", async () => {
    const messages = [
      { role: "user", content: "x".repeat(300) },
      { role: "assistant", content: "old" },
      { role: "user", content: "new" },
    ];
    const response = await ask({ messages, options: { num_ctx: 64 }, max_tokens: 5 });
    expect(response.headers.get("puna-prompt-truncated")).toMatch(/^tokens=\d+; kept=\d+; messages=1$/);
    expect(await object(response)).toMatchObject({ prompt_truncated: true, truncated_messages: 1 });
    const [start] = await events(await ask({ messages, options: { num_ctx: 64 }, max_tokens: 5, stream: true }));
    expect(start?.[1].message).toMatchObject({ prompt_truncated: true, truncated_messages: 1 });
  });
});

describe("counting", () => {
  test("the whole prompt, also one that would not fit", async () => {
    const count = async (more: object) =>
      await object(await ask({ ...more, max_tokens: undefined }, "/v1/messages/count_tokens"));
    expect(await count({})).toEqual({ input_tokens: "[user]hi".length });
    const messages = [{ role: "user", content: "x".repeat(3000) }];
    expect(await count({ messages, options: { num_ctx: 64 } })).toEqual({ input_tokens: 3006 });
  });
});

describe("refusals", () => {
  const image = (source: object) => ({ messages: [{ role: "user", content: [{ type: "image", source }] }] });
  const assistant = (block: object) => ({
    messages: [
      { role: "user", content: "x" },
      { role: "assistant", content: [block] },
    ],
  });
  test.each<[string, object, number, string, string | RegExp]>([
    ["no model", { model: "" }, 400, "invalid_request_error", "model is required"],
    ["no max_tokens", { max_tokens: undefined }, 400, "invalid_request_error", "max_tokens is required and must be positive"],
    ["max_tokens 0", { max_tokens: 0 }, 400, "invalid_request_error", "max_tokens is required and must be positive"],
    ["no messages", { messages: [] }, 400, "invalid_request_error", "messages is required"],
    ["an unknown model", { model: "nope" }, 404, "not_found_error", "model 'nope' not found"],
    ["a cloud model", { model: "x:cloud" }, 403, "permission_error", "ollama cloud is disabled: remote model is unavailable"],
    ["a model that cannot chat", { model: "vectors" }, 400, "invalid_request_error", '"vectors" does not support chat'],
    [
      "an image by address",
      image({ type: "url", url: "x" }),
      400,
      "invalid_request_error",
      "invalid image source type: url. Only base64 images are supported.",
    ],
    [
      "an image",
      image({ type: "base64", media_type: "image/png", data: "AAAA" }),
      400,
      "invalid_request_error",
      /^images cannot be read/,
    ],
    [
      "a call without id",
      assistant({ type: "tool_use", name: "f", input: {} }),
      400,
      "invalid_request_error",
      "tool_use block missing required 'id' field",
    ],
    [
      "a call without name",
      assistant({ type: "tool_use", id: "1", input: {} }),
      400,
      "invalid_request_error",
      "tool_use block missing required 'name' field",
    ],
    [
      "a call whose input is a list",
      assistant({ type: "tool_use", id: "1", name: "f", input: [] }),
      400,
      "invalid_request_error",
      "messages[1].content[0].input: must be an object",
    ],
    [
      "an unknown block",
      assistant({ type: "server_tool_use" }),
      400,
      "invalid_request_error",
      /^messages\[1\]\.content\[0\]: blocks of type "server_tool_use"/,
    ],
    [
      "a PDF",
      { messages: [{ role: "user", content: [{ type: "document", source: { type: "base64" } }] }] },
      400,
      "invalid_request_error",
      /can be read as text only/,
    ],
    ["a strange role", { messages: [{ role: "narrator", content: "x" }] }, 400, "invalid_request_error", /^messages\[0\]\.role/],
    [
      "a tool of Anthropic's servers",
      { model: "caller", tools: [{ type: "web_search_20250305", name: "web_search" }] },
      400,
      "invalid_request_error",
      /^tools\[0\]\.type: "web_search_20250305"/,
    ],
    ["tools for a model without", { tools: [weather] }, 400, "invalid_request_error", /does not support tools$/],
    [
      "a choice of a tool that is not there",
      { model: "caller", tools: [weather], tool_choice: { type: "tool", name: "x" } },
      400,
      "invalid_request_error",
      /tool_choice names "x"/,
    ],
    ["a strange choice", { tool_choice: { type: "perhaps" } }, 400, "invalid_request_error", /^tool_choice\.type/],
    [
      "a strange effort",
      { model: "thinker", output_config: { effort: "huge" } },
      400,
      "invalid_request_error",
      /^output_config\.effort/,
    ],
    [
      "a strange format",
      { output_config: { format: { type: "xml" } } },
      400,
      "invalid_request_error",
      /^output_config\.format\.type/,
    ],
    [
      "no budget",
      { thinking: { type: "enabled", budget_tokens: 0 } },
      400,
      "invalid_request_error",
      "thinking.budget_tokens: must be positive",
    ],
    ["messages of a wrong type", { messages: "hi" }, 400, "invalid_request_error", /^json: cannot unmarshal string/],
    [
      "a schema that cannot be",
      { output_config: { format: { type: "json_schema", schema: { $ref: "#/nowhere" } } } },
      400,
      "invalid_request_error",
      /nowhere/,
    ],
  ])("%s", async (_name, body, status, type, message) => {
    const response = await ask(body);
    const { error, ...rest } = await object(response);
    expect([response.status, rest.type, error.type]).toEqual([status, "error", type]);
    if (typeof message === "string") expect(error.message).toBe(message);
    else expect(error.message).toMatch(message);
    expect(rest.request_id).toMatch(/^req_[0-9a-f]{24}$/);
    expect(response.headers.get("request-id")).toBe(rest.request_id);
  });

  test("no body, and no JSON", async () => {
    expect((await object(await server.post("/v1/messages", ""))).error.message).toBe("missing request body");
    expect((await server.post("/v1/messages", "nonsense")).status).toBe(400);
    expect((await server.app.request("/v1/messages")).status).toBe(405);
  });

  test("a runner that dies in the middle ends the stream with an error event", async () => {
    await server.make("plain", { template: "{{ range .Messages }}{{ .Content }}{{ end }}" });
    const all = await events(await ask({ model: "plain", messages: [{ role: "user", content: "die now" }], stream: true }));
    expect(all.at(-1)).toEqual([
      "error",
      { type: "error", error: { type: "api_error", message: expect.stringContaining("unexpectedly stopped") } },
    ]);
  });

  test("PUNA_ON_OVERFLOW=error has OpenAI's code too", async () => {
    const strict = await testServer({ PUNA_ON_OVERFLOW: "error" });
    await strict.make("echo", { template: echo });
    const body = {
      model: "echo",
      max_tokens: 5,
      options: { num_ctx: 64 },
      messages: [{ role: "user", content: "x".repeat(300) }],
    };
    const response = await strict.post("/v1/messages", body);
    expect(response.status).toBe(400);
    expect((await object(response)).error).toMatchObject({ type: "invalid_request_error", code: "context_length_exceeded" });
    expect(await object(await strict.post("/v1/messages/count_tokens", body))).toEqual({ input_tokens: 306 });
    await strict.close();
  });
});
