/** Tool calls through the front door, with a runner that says the prompt back: what a model might write, good and bad. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { lines, object, type TestServer, testServer } from "../../test/fixtures/server.ts";
import { configureLog } from "../log.ts";

configureLog({ write: () => {} });

let server: TestServer;
beforeAll(async () => {
  server = await testServer();
});
afterAll(() => server.close());

const tools = [
  {
    type: "function",
    function: { name: "get-weather", parameters: { type: "object", properties: { city: { type: "string" } } } },
  },
];
/** The last message is all of the prompt. */
const echo = (mark: string) =>
  `{{/* ${mark} */}}{{ if .Tools }}{{ end }}{{ range $i, $m := .Messages }}{{ if eq (len (slice $.Messages $i)) 1 }}{{ $m.Content }}{{ end }}{{ end }}`;

async function say(model: string, content: string, more: object = {}) {
  const body = { model, messages: [{ role: "user", content }], tools, stream: false, options: { num_ctx: 2048 }, ...more };
  const response = await server.post("/api/chat", body);
  return { status: response.status, ...(await object(response)) };
}

const marks: [string, string][] = [
  ["hermes", "<tool_call>"],
  ["qwen3-coder", "<function=<parameter="],
  ["glm", "<arg_key>"],
  ["llama3", "<|python_tag|>"],
  ["mistral", "[TOOL_CALLS]"],
  ["deepseek", "<｜tool▁calls▁begin｜>"],
  ["kimi", "<|tool_calls_section_begin|>"],
  ["lfm2", "<|tool_call_start|>"],
  ["gemma4", "<|tool_call>"],
  ["harmony", "<|start|><|channel|><|message|>"],
];

describe.each(marks)("%s", (name, mark) => {
  beforeAll(async () => {
    await server.make(name, { template: echo(mark) });
  });

  const open =
    mark.split("<parameter=")[0]?.replace("<function=", "<tool_call><function=").replace("<arg_key>", "<tool_call>") ?? "";
  test.each([
    `${open}`,
    `${open}{`,
    `${open}{"name": `,
    `${open}get-weather{"city": }`,
    `${open}[get-weather(city=]`,
    `${open}call:get-weather{city:`,
    `${open}\u0000\ud83d {]}[ "`,
    `words ${open}get-weather${"{".repeat(300)}`,
  ])("answers %j with text or a call, never with an error", async (text) => {
    const { status, message, done, error } = await say(name, text);
    expect([status, done, error]).toEqual([200, true, undefined]);
    expect(message.content ?? "").not.toContain(name === "harmony" ? "<|channel|>" : open);
  });
});

test("gpt-oss knows tools under names that TypeScript allows, clients under their own", async () => {
  const text =
    '<|channel|>analysis<|message|>Hm.<|end|><|start|>assistant<|channel|>commentary to=functions.get_weather <|constrain|>json<|message|>{"city":"Paris"}<|call|>';
  const { message } = await say("harmony", text);
  expect(message).toMatchObject({ content: "", thinking: "Hm." });
  expect(message.tool_calls).toMatchObject([{ function: { name: "get-weather", arguments: { city: "Paris" } } }]);
});

test("arguments stay in the order that the model wrote, through the whole answer", async () => {
  const text = '<tool_call>{"name": "get-weather", "arguments": {"z": 1, "10": {"b": 1, "2": 2}, "1": 3}}</tool_call>';
  const body = { model: "hermes", messages: [{ role: "user", content: text }], tools, options: { num_ctx: 2048 } };
  for (const stream of [true, false]) {
    const answer = await (await server.post("/api/chat", { ...body, stream })).text();
    expect(answer).toContain('"arguments":{"z":1,"10":{"b":1,"2":2},"1":3}');
  }
});

test("a stream never shows a tag, whatever pieces it comes in", async () => {
  const text = 'Let me see.\n<tool_call>\n{"name": "get-weather", "arguments": {"city": "Paris"}}\n</tool_call>';
  const body = { model: "hermes", messages: [{ role: "user", content: text }], tools, options: { num_ctx: 2048 } };
  const all = await lines(await server.post("/api/chat", body));
  expect(all.map(({ message }) => message.content).join("")).toBe("Let me see.");
  expect(all.flatMap(({ message }) => message.tool_calls ?? [])).toHaveLength(1);
});

test("a model whose Go template knows no tools uses its other one for them", async () => {
  const jinja =
    "{% for t in tools %}<tool_call>{{ t.function.name }}{% endfor %}{% for m in messages %}[{{ m.role }}]{{ m.content }}{% endfor %}";
  const strict = await testServer({ OLLAMA_GO_TEMPLATE: "1" });
  await strict.make("two", { template: "{{ range .Messages }}({{ .Role }}){{ .Content }}{{ end }}", jinja });
  const render = async (more: object) => {
    const body = { model: "two", messages: [{ role: "user", content: "hi" }], _debug_render_only: true, ...more };
    return (await object(await strict.post("/api/chat", body)))._debug_info.rendered_template;
  };
  expect(await render({})).toBe("(user)hi");
  expect(await render({ tools })).toBe("<tool_call>get-weather[user]hi");
  expect(await render({ tools, tool_choice: "none" })).toBe("(user)hi");
  await strict.close();
});
