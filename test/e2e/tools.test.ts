/** Tool calls through the real server and engine: the scripted model calls by itself, random weights call because they must. */
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { configureLog } from "../../src/log.ts";
import { hasShared, type RealServer, realServer, sharedModels } from "../fixtures/real-server.ts";
import { lines, object } from "../fixtures/server.ts";
import { faultOf } from "../support/schema-validator.ts";

configureLog({ write: () => {} });

const book = {
  type: "object",
  properties: {
    city: { type: "string", maxLength: 8 },
    nights: { type: "integer", minimum: 1, maximum: 30 },
    breakfast: { type: "boolean" },
    stars: { enum: ["three", "four", "five"] },
    // A schema that refers to itself.
    route: { $ref: "#/$defs/stop" },
  },
  required: ["city", "nights", "stars"],
  $defs: {
    stop: {
      type: "object",
      properties: { at: { type: "integer", minimum: 0, maximum: 9 }, next: { $ref: "#/$defs/stop" } },
      required: ["at"],
    },
  },
};
const tools = [
  { type: "function", function: { name: "book_room", description: "d", parameters: book } },
  { type: "function", function: { name: "get_time", description: "d", parameters: { type: "object", properties: {} } } },
];

/** What tells each family, as its templates have it. */
const families: [family: string, mark: string][] = [
  ["hermes", "<tool_call>"],
  ["qwen3-coder", "<function=name><parameter=key>"],
  ["glm", "<arg_key>"],
  ["llama3", "<|python_tag|>"],
  ["llama4", "<|python_start|>"],
  ["mistral", "[TOOL_CALLS] "],
  ["ministral", "[TOOL_CALLS]name[ARGS]"],
  ["command-r", "<|START_ACTION|>"],
  ["command-r (2024)", "Action: ```json"],
  ["deepseek", "<｜tool▁calls▁begin｜>```json"],
  ["deepseek 3.1", "<｜tool▁calls▁begin｜>"],
  ["functiongemma", "<start_function_call>"],
  ["gemma4", "<|tool_call>"],
  ["gemma3", "tool_code"],
  ["granite", "<|start_of_role|><|tool_call|>"],
  ["phi4", "functools"],
  ["kimi", "<|tool_calls_section_begin|>"],
  ["lfm2", "<|tool_call_start|>"],
  ["olmo3", "<function_calls>"],
  ["harmony", "<|start|><|channel|><|message|>"],
  ["any other", "nothing special"],
];

describe.skipIf(!hasShared)("tool calls (needs ../shared)", () => {
  let server: RealServer;
  const file = (name: string) => path.join(sharedModels, name);
  beforeAll(async () => {
    server = await realServer();
    await server.create("scripted", file("scripted-chat.f16.gguf"));
  });
  afterAll(async () => await server?.close());

  const chat = async (model: string, more: object) => {
    const body = { model, messages: [{ role: "user", content: "a room in Paris" }], stream: false, tools, ...more };
    return await object(await server.post("/api/chat", body));
  };

  test.each(families)("random weights write a valid call in the form of %s", { timeout: 120_000 }, async (family, mark) => {
    const name = family.replace(/[^a-z0-9]/g, "-");
    const template = `{{/* ${mark} */}}{{ range .Messages }}{{ .Content }}{{ end }}{{ range .Tools }}{{ .Function.Name }} {{ end }}`;
    await server.create(name, file("llama-2-tiny-random.gguf"), { template });
    const ask = async (seed: number, tool_choice: unknown, last = false) =>
      await chat(name, {
        tool_choice,
        parallel_tool_calls: false,
        options: { temperature: 1.2, seed, num_predict: 400 },
        ...(last && { keep_alive: 0 }),
      });
    const named = await ask(1, { type: "function", function: { name: "get_time" } });
    expect(named).toMatchObject({ done_reason: "stop", message: { content: "" } });
    expect(named.message.tool_calls).toMatchObject([{ function: { name: "get_time", arguments: {} } }]);
    for (const seed of [2, 3]) {
      const { message, done_reason } = await ask(seed, "required", seed === 3);
      expect([message.content, done_reason, message.tool_calls?.length]).toEqual(["", "stop", 1]);
      const { name: called, arguments: given } = message.tool_calls[0].function;
      if (called === "get_time") expect(given).toEqual({});
      else expect([called, faultOf(given, book)]).toEqual(["book_room", undefined]);
    }
  });

  const weather = (parameters: object) => [{ type: "function", function: { name: "get_weather", description: "d", parameters } }];
  const city = { type: "object", properties: { city: { type: "string" } }, required: ["city"] };

  test("a free model's call is held to the schema from its tag on", async () => {
    const free = await chat("scripted", { tools: weather(city) });
    expect(free.message.tool_calls).toMatchObject([{ function: { name: "get_weather", arguments: { city: "Paris" } } }]);
    // The script says Paris; the schema says otherwise.
    const held = await chat("scripted", {
      tools: weather({ ...city, properties: { city: { enum: ["Bern", "Rome"] } } }),
      options: { num_predict: 200 },
    });
    const [call] = held.message.tool_calls;
    expect(["Bern", "Rome"]).toContain(call.function.arguments.city);
    expect(held.message.content).toBe("");
  });

  test("none answers in words, and never with the tag", async () => {
    const { message } = await chat("scripted", { tools: weather(city), tool_choice: "none" });
    expect(message.tool_calls).toBeUndefined();
    expect(message.content).not.toBe("");
    expect(message.content).not.toContain("<tool_call>");
  });

  test("a call or an answer in the format, when there are both", async () => {
    const format = { type: "object", properties: { n: { type: "integer", maximum: 99, minimum: 0 } }, required: ["n"] };
    const called = await chat("scripted", { tools: weather(city), format, options: { num_predict: 200 } });
    expect(called.message.tool_calls).toMatchObject([{ function: { name: "get_weather", arguments: { city: "Paris" } } }]);
    const answered = await chat("scripted", { tools: weather(city), tool_choice: "none", format, options: { num_predict: 200 } });
    expect(JSON.parse(answered.message.content)).toEqual({ n: expect.any(Number) });
  });

  test("thinks first where the model does, then must call", async () => {
    const template =
      "{{/* <tool_call> */}}{{ range .Messages }}<|im_start|>{{ .Role }}\n{{ if .Thinking }}<think>{{ .Thinking }}</think>{{ end }}{{ .Content }}<|im_end|>\n{{ end }}{{ if .Think }}<|im_start|>system\n/think<|im_end|>\n{{ end }}{{ if and .Tools (not .Think) }}x{{ end }}<|im_start|>assistant\n";
    await server.create("thinker", file("scripted-chat.f16.gguf"), { template });
    const { message } = await chat("thinker", { tools: weather(city), tool_choice: "required", options: { num_predict: 400 } });
    expect(message.thinking).toContain("two plus two makes four.");
    expect(message.content).toBe("");
    expect(message.tool_calls).toMatchObject([{ function: { name: "get_weather", arguments: { city: expect.any(String) } } }]);
  });

  test("streams calls, each once and whole", async () => {
    const body = {
      model: "scripted",
      messages: [{ role: "user", content: "Paris?" }],
      tools: weather(city),
      tool_choice: "required",
    };
    const all = await lines(await server.post("/api/chat", body));
    expect(all.flatMap(({ message }) => message.tool_calls ?? [])).toHaveLength(1);
    expect(all.map(({ message }) => message.content).join("")).toBe("");
    expect(all.at(-1)).toMatchObject({ done: true, done_reason: "stop" });
  });

  test("a choice or a schema that cannot be held is refused by name", async () => {
    const fault = async (more: object) => (await chat("scripted", more)).error;
    expect(await fault({ tool_choice: { type: "function", function: { name: "fly" } } })).toBe(
      `tool_choice names "fly", but the request's tools are: book_room, get_time`,
    );
    expect(await fault({ tool_choice: "sometimes" })).toMatch(/^tool_choice must be/);
    expect(await fault({ tools: [], tool_choice: "required" })).toMatch(/the request has no tools/);
    const odd = weather({ type: "object", properties: { n: { not: { type: "string" } } } });
    expect(await fault({ tools: odd, tool_choice: "required" })).toMatch(
      /^the parameters of tool "get_weather" cannot be enforced: JSON Schema keyword "not" at #\/properties\/n/,
    );
    const endless = weather({ $ref: "#/$defs/a", $defs: { a: { $ref: "#/$defs/b" }, b: { $ref: "#/$defs/a" } } });
    expect(await fault({ tools: endless, tool_choice: "required" })).toMatch(/refers to itself .* without end/);
    // Left to itself the model is not held to them, and answers.
    for (const free of [odd, endless]) expect((await chat("scripted", { tools: free })).message.tool_calls).toHaveLength(1);
  });
});
