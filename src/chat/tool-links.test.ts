/** Results find their calls whatever the client sends, and ids take the form that a family's templates want. */
import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { kimi } from "./formats/kimi.ts";
import { mistral } from "./formats/mistral.ts";
import { jinjaTemplate } from "./jinja.ts";
import { linkTools } from "./tool-links.ts";
import type { Message } from "./types.ts";

const call = (name: string, id?: string) => ({ ...(id && { id }), function: { name, arguments: {} } });
const calls = (...toolCalls: ReturnType<typeof call>[]): Message => ({ role: "assistant", content: "", toolCalls });
const result = (content: string, more: Partial<Message> = {}): Message => ({ role: "tool", content, ...more });
const links = (messages: Message[]) =>
  messages.flatMap(({ role, toolName, toolCallId }) => (role === "tool" ? [[toolName, toolCallId]] : []));

describe("linkTools", () => {
  it("ties by id, by name, by order", () => {
    const asked = calls(call("a", "x1"), call("b", "x2"), call("a"));
    expect(links(linkTools([asked, result("", { toolCallId: "x2" }), result("", { toolName: "a" }), result("")]))).toEqual([
      ["b", "x2"],
      ["a", "x1"],
      ["a", "call_2"],
    ]);
  });

  it("leaves a result alone that has no call", () => {
    expect(links(linkTools([result("", { toolName: "f" }), calls(call("a", "x")), result("", { toolCallId: "y" })]))).toEqual([
      ["f", undefined],
      [undefined, "y"],
    ]);
  });

  it("gives ids in the family's form, in call and result alike", () => {
    const messages = [calls(call("a", "call_ab12cd34"), call("b")), result("", { toolCallId: "call_ab12cd34" }), result("")];
    expect(links(linkTools(messages, mistral.callId))).toEqual([
      ["a", "ab12cd340"],
      ["b", "000000001"],
    ]);
    expect(links(linkTools(messages, kimi.callId))).toEqual([
      ["a", "functions.a:0"],
      ["b", "functions.b:1"],
    ]);
    expect(messages[0]?.toolCalls?.[0]?.id).toBe("call_ab12cd34");
  });
});

const goldens = path.resolve(import.meta.dirname, "../../../shared/data/templates/goldens-hf-jinja-e2e.json");
describe.skipIf(!existsSync(goldens))("templates of real models (needs ../shared)", () => {
  const all: { name: string; chat_template: string }[] = existsSync(goldens) ? JSON.parse(readFileSync(goldens, "utf8")) : [];
  const messages = [
    { role: "user", content: "Paris?" },
    calls({ id: "call_ab12cd34", function: { name: "get_weather", arguments: { city: "Paris" } } }),
    result("21 C", { toolName: "get_weather" }),
  ];
  const tools = [
    {
      type: "function",
      function: { name: "get_weather", description: "Weather", parameters: { type: "object", properties: {} } },
    },
  ];
  it.each([
    ["mistralai/Mistral-Nemo-Instruct-2407", '"id": "ab12cd340"', '"call_id": "ab12cd340"'],
    ["moonshotai/Kimi-K2-Thinking", "<|tool_call_begin|>functions.get_weather:0<", "## Return of functions.get_weather:0"],
    [
      "NousResearch/Hermes-2-Pro-Llama-3-8B (JSON Schema)",
      '"name": "get_weather"}\n</tool_call>',
      '{"name": "get_weather", "content": "21 C"}',
    ],
    ["zai-org/GLM-5.1", "<tool_call>get_weather<arg_key>city</arg_key><arg_value>Paris</arg_value>", "<tool_response>21 C"],
    ["LiquidAI/LFM2.5-VL-450M", '<|tool_call_start|>[get_weather(city="Paris")]<|tool_call_end|>', "21 C"],
  ])("%s writes both", (name, ...parts) => {
    const text = jinjaTemplate(all.find((one) => one.name === name)?.chat_template ?? "").render({ messages, tools });
    for (const part of parts) expect(text).toContain(part);
  });
});

it("Phi-4-mini's template finds the tools in the system message", () => {
  const template = jinjaTemplate(
    "{% for message in messages %}<|{{ message['role'] }}|>{{ message['content'] }}{% if message['role'] == 'system' and 'tools' in message and message['tools'] is not none %}<|tool|>{{ message['tools'] }}<|/tool|>{% endif %}<|end|>{% endfor %}",
  );
  const tools = [{ type: "function", function: { name: "f" } }];
  const text =
    '<|tool|>[{"name":"f","description":"","parameters":{"type":"object","properties":{}}}]<|/tool|><|end|><|user|>hi<|end|>';
  expect(template.render({ messages: [{ role: "user", content: "hi" }], tools })).toBe(`<|system|>${text}`);
  const system = { role: "system", content: "S" };
  expect(template.render({ messages: [system, { role: "user", content: "hi" }], tools })).toBe(`<|system|>S${text}`);
});
