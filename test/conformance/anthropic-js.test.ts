/** The `@anthropic-ai/sdk` npm client, unchanged, against this server. */
import path from "node:path";
import Anthropic from "@anthropic-ai/sdk";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { configureLog } from "../../src/log.ts";
import { hasShared, type RealServer, realServer, sharedModels } from "../fixtures/real-server.ts";

configureLog({ write: () => {} });

const go = `{{- if .Tools }}<|im_start|>system
<tools>{{ range .Tools }}{{ . }}{{ end }}</tools><|im_end|>
{{ end }}
{{- range .Messages }}
{{- if eq .Role "tool" }}<|im_start|>user
<tool_response>{{ .Content }}</tool_response><|im_end|>
{{ else }}<|im_start|>{{ .Role }}
{{ if .Thinking }}<think>{{ .Thinking }}</think>{{ end }}{{ .Content }}{{ range .ToolCalls }}<tool_call>
{"name": "{{ .Function.Name }}", "arguments": {{ .Function.Arguments }}}
</tool_call>{{ end }}<|im_end|>
{{ end }}{{ end }}
{{- if .Think }}<|im_start|>system
/think<|im_end|>
{{ end }}<|im_start|>assistant
`;

describe.skipIf(!hasShared)("@anthropic-ai/sdk (needs ../shared)", () => {
  let server: RealServer;
  let client: Anthropic;
  beforeAll(async () => {
    server = await realServer();
    client = new Anthropic({ baseURL: server.url, apiKey: "not checked", maxRetries: 0 });
    const file = path.join(sharedModels, "scripted-chat.f16.gguf");
    await server.create("scripted", file, { parameters: { temperature: 0 } });
    await server.create("thinker", file, { template: go, parameters: { temperature: 0 } });
  });
  afterAll(async () => await server?.close());

  const say = (content: string, more: Partial<Anthropic.MessageCreateParamsNonStreaming> = {}) => ({
    model: "scripted",
    max_tokens: 100,
    messages: [{ role: "user" as const, content }],
    ...more,
  });
  const tools: Anthropic.Tool[] = [
    {
      name: "get_weather",
      description: "the weather of a city",
      input_schema: { type: "object", properties: { city: { type: "string" } }, required: ["city"] },
    },
  ];

  test("a message", async () => {
    const message = await client.messages.create(say("你好"));
    expect(message.content).toEqual([{ type: "text", text: "你好！我是专门用来测试的小模型，很高兴见到你。" }]);
    expect(message).toMatchObject({ role: "assistant", stop_reason: "end_turn", model: "scripted" });
    expect(message._request_id).toMatch(/^req_/);
    // Asked again, the prompt is in the cache but for its last token.
    const { usage } = await client.messages.create(say("你好"));
    expect(usage.input_tokens + (usage.cache_read_input_tokens ?? 0)).toBe(message.usage.input_tokens);
    const { input_tokens } = await client.messages.countTokens({ model: "scripted", messages: say("你好").messages });
    expect(input_tokens).toBe(message.usage.input_tokens);
  });

  test("a stream, with the SDK's own helper", async () => {
    const stream = client.messages.stream(say("weather"));
    let text = "";
    stream.on("text", (delta) => {
      text += delta;
    });
    const message = await stream.finalMessage();
    expect(text).toBe("It is sunny today, about 21 degrees.");
    expect(message.content).toEqual([{ type: "text", text }]);
    expect(message.stop_reason).toBe("end_turn");
    expect(message.usage.output_tokens).toBeGreaterThan(5);
  });

  test("raw events", async () => {
    const types: string[] = [];
    for await (const event of await client.messages.create({ ...say("weather"), stream: true })) types.push(event.type);
    expect(types[0]).toBe("message_start");
    expect(types.slice(-3)).toEqual(["content_block_stop", "message_delta", "message_stop"]);
  });

  test("max_tokens and stop_sequences", async () => {
    expect((await client.messages.create(say("story", { max_tokens: 5 }))).stop_reason).toBe("max_tokens");
    const stopped = await client.messages.create(say("weather", { stop_sequences: ["about"] }));
    expect(stopped).toMatchObject({ stop_reason: "stop_sequence", stop_sequence: "about" });
    expect(stopped.content).toEqual([{ type: "text", text: "It is sunny today, " }]);
  });

  test("a tool, its result, and what is made of it", async () => {
    const question = say("How is Paris?", { tools });
    const message = await client.messages.create(question);
    expect(message.stop_reason).toBe("tool_use");
    const use = message.content.find((block) => block.type === "tool_use");
    expect(use).toMatchObject({ name: "get_weather", input: { city: "Paris" } });
    const answer = await client.messages.create({
      ...question,
      messages: [
        ...question.messages,
        { role: "assistant", content: message.content },
        { role: "user", content: [{ type: "tool_result", tool_use_id: use?.id ?? "", content: "clear" }] },
      ],
    });
    expect(answer.content).toEqual([
      { type: "text", text: "Thanks to the tool I know: Paris has clear skies and a mild breeze." },
    ]);
  });

  test("a streamed tool call", async () => {
    const stream = client.messages.stream(say("How is Paris?", { tools }));
    let json = "";
    stream.on("inputJson", (delta) => {
      json += delta;
    });
    const message = await stream.finalMessage();
    expect(JSON.parse(json)).toEqual({ city: "Paris" });
    expect(message.content.find((block) => block.type === "tool_use")).toMatchObject({ input: { city: "Paris" } });
  });

  test("tool_choice", async () => {
    const none = await client.messages.create(say("weather", { tools, tool_choice: { type: "none" } }));
    expect(none.content).toEqual([{ type: "text", text: "It is sunny today, about 21 degrees." }]);
    const forced = await client.messages.create(
      say("story", { tools, tool_choice: { type: "tool", name: "get_weather" }, max_tokens: 400 }),
    );
    expect(forced.stop_reason).toBe("tool_use");
    expect(forced.content.at(-1)).toMatchObject({ type: "tool_use", name: "get_weather" });
  });

  test("thinking, and a bound on it", async () => {
    const thinking = { type: "enabled" as const, budget_tokens: 1024 };
    const message = await client.messages.create(say("2+2", { model: "thinker", thinking, max_tokens: 2000 }));
    expect(message.content).toMatchObject([
      { type: "thinking", thinking: expect.stringContaining("two plus two makes four") },
      { type: "text", text: "The result is 4." },
    ]);
    const off = await client.messages.create(say("weather", { model: "thinker", thinking: { type: "disabled" } }));
    expect(off.content).toEqual([{ type: "text", text: "It is sunny today, about 21 degrees." }]);
    const short = await client.messages.create(
      say("2+2", { model: "thinker", thinking: { type: "enabled", budget_tokens: 6 }, max_tokens: 60 }),
    );
    const [first, second] = short.content;
    expect(first?.type === "thinking" && first.thinking.length).toBeLessThan(40);
    expect(second?.type).toBe("text");
  });

  test("structured output", async () => {
    const schema = { type: "object", properties: { ok: { type: "boolean" } }, required: ["ok"], additionalProperties: false };
    const message = await client.messages.create(say("JSON", { output_config: { format: { type: "json_schema", schema } } }));
    const [block] = message.content;
    expect(JSON.parse(block?.type === "text" ? block.text : "")).toEqual({ ok: expect.any(Boolean) });
  });

  test("abort", async () => {
    const stream = client.messages.stream(say("story", { max_tokens: 4000 }));
    let pieces = 0;
    stream.on("text", () => {
      if (++pieces === 5) stream.abort();
    });
    await expect(stream.finalMessage()).rejects.toBeInstanceOf(Anthropic.APIUserAbortError);
    expect(pieces).toBeGreaterThanOrEqual(5);
  });

  test("errors are the SDK's own classes", async () => {
    await expect(client.messages.create(say("x", { model: "nope" }))).rejects.toBeInstanceOf(Anthropic.NotFoundError);
    const image: Anthropic.ImageBlockParam = { type: "image", source: { type: "base64", media_type: "image/png", data: "AAAA" } };
    const refused = client.messages.create({ ...say("x"), messages: [{ role: "user", content: [image] }] });
    await expect(refused).rejects.toBeInstanceOf(Anthropic.BadRequestError);
    await expect(refused).rejects.toThrow(/images cannot be read/);
  });
});
