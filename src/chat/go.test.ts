/** Chat through Go templates: the goldens of ten library templates, and the rules around them. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { goTemplate } from "./go.ts";
import type { Message, Tool } from "./types.ts";

const shared = path.resolve(import.meta.dirname, "../../../shared/data/templates/ollama");

const turns: Message[] = [
  { role: "system", content: "You are a helpful assistant." },
  { role: "user", content: "Hello, how are you?" },
  { role: "assistant", content: "I'm doing great. How can I help you today?" },
  { role: "user", content: "I'd like to show off how chat templating works!" },
];
const conversations: Record<string, Message[]> = {
  user: turns.slice(1, 2),
  "user-assistant-user": turns.slice(1),
  "system-user-assistant-user": turns,
};

const weather: Tool = {
  type: "function",
  function: {
    name: "get_weather",
    description: "Weather of a <city>",
    parameters: {
      type: "object",
      required: ["city"],
      properties: { unit: { type: ["string", "null"], enum: ["C", "F"] }, city: { type: "string", description: "Name" } },
      additionalProperties: false,
    },
  },
};

describe.skipIf(!existsSync(shared))("goldens of library templates (needs ../shared)", () => {
  const names = existsSync(shared) ? readdirSync(shared).filter((name) => name.endsWith(".gotmpl")) : [];
  it.each(names.flatMap((name) => Object.keys(conversations).map((key) => [name, key] as const)))("%s %s", (name, key) => {
    const template = goTemplate(readFileSync(path.join(shared, name), "utf8"));
    const expected = readFileSync(path.join(shared, "testdata", name, key), "utf8");
    expect(template.render({ messages: conversations[key]! })).toBe(expected);
  });
});

describe("a template over messages", () => {
  it("merges neighbours but not tool results, and joins system texts", () => {
    const template = goTemplate("{{ .System }}|{{ range .Messages }}{{ .Role }}:{{ .Content }};{{ end }}");
    const messages = ["system:a", "user:b", "user:c", "tool:d", "tool:e", "system:f"].map((text) => {
      const [role = "", content = ""] = text.split(":");
      return { role, content };
    });
    expect(template.render({ messages })).toBe("a\n\nf|system:a;user:b\n\nc;tool:d;tool:e;system:f;");
  });

  it("prints tools and arguments as JSON, unknown schema words dropped, HTML characters escaped", () => {
    const template = goTemplate(
      "{{ range .Tools }}{{ . }}\n{{ .Function }}\n{{ .Function.Parameters.Properties }}\n{{ range $k, $v := .Function.Parameters.Properties }}{{ $k }}={{ $v.Type }} {{ toTypeScriptType $v }},{{ end }}{{ end }}\n" +
        "{{ range .Messages }}{{ range .ToolCalls }}{{ .Function.Name }}{{ .Function.Arguments }}{{ .Function.Index }}{{ end }}{{ end }}{{ .Tools }}",
    );
    const call = { function: { name: "get_weather", arguments: { zone: 1.5, city: "a&b" } } };
    const properties = '{"unit":{"type":["string","null"],"enum":["C","F"]},"city":{"type":"string","description":"Name"}}';
    const fun = `{"name":"get_weather","description":"Weather of a \\u003ccity\\u003e","parameters":{"type":"object","required":["city"],"properties":${properties}}}`;
    const tool = `{"type":"function","function":${fun}}`;
    expect(template.render({ messages: [{ role: "assistant", content: "", toolCalls: [call] }], tools: [weather] })).toBe(
      `${tool}\n${fun}\n${properties}\ncity=string string,unit=[string null] string | null,\nget_weather{"zone":1.5,"city":"a\\u0026b"}0[${tool}]`,
    );
  });

  it("says what a template can do, and how it marks thinking and tool calls", () => {
    const source =
      '{{ if .Suffix }}{{ .Prompt }}{{ .Suffix }}{{ end }}{{ range .Tools }}{{ . }}{{ end }}{{ range $i, $m := .Messages }}{{ if eq .Role "assistant" }}' +
      '{{ if and $.IsThinkSet .Thinking }}\n<think>{{ .Thinking }}</think>\n{{ end }}{{ .Content }}{{ if .ToolCalls }}<tool_call>\n{{ range .ToolCalls }}{"name": "{{ .Function.Name }}"}{{ end }}</tool_call>{{ end }}{{ else if eq .Role "tool" }}{{ .Content }}{{ end }}{{ end }}';
    const template = goTemplate(source);
    expect(template.supports).toEqual({ tools: true, thinking: true, insert: true });
    expect(template.hasToolRoundTrip).toBe(true);
    expect(template.thinking).toEqual({ open: "<think>", close: "</think>" });
    expect(template.toolTag).toBe("<tool_call>");
    expect(goTemplate("{{ .Prompt }}")).toMatchObject({ supports: { tools: false, thinking: false, insert: false } });
    expect(
      goTemplate("{{ .Tools }}{{ range .Messages }}{{ range .ToolCalls }}[TOOL_CALLS] [{{ json . }}]{{ end }}{{ end }}").toolTag,
    ).toBe("[TOOL_CALLS] [");
    const header =
      "{{ .Tools }}{{ range .Messages }}{{ if not .ToolCalls }}x{{ else if .ToolCalls }}<|im_start|>assistant\n<call>{{ end }}{{ end }}";
    expect(goTemplate(header).toolTag).toBe("<call>");
    expect(goTemplate("{{ .Tools }}{{ range .Messages }}{{ .Content }}{{ end }}").toolTag).toBe("{");
  });

  it("passes whether and how hard to think", () => {
    const template = goTemplate("{{ range .Messages }}{{ end }}{{ .Think }},{{ .ThinkLevel }},{{ .IsThinkSet }}");
    const render = (think?: boolean | "low") => template.render({ messages: [], ...(think !== undefined && { think }) });
    expect([render(), render(false), render(true), render("low")]).toEqual([
      "false,,false",
      "false,,true",
      "true,medium,true",
      "true,low,true",
    ]);
  });
});

describe("other kinds of template", () => {
  it("fill in the middle when there is a suffix", () => {
    const template = goTemplate("{{ if .Suffix }}<PRE>{{ .Prompt }}<SUF>{{ .Suffix }}<MID>{{ else }}{{ .Prompt }}{{ end }}");
    expect(template.render({ messages: [], prompt: "def f(", suffix: "return 1" })).toBe("<PRE>def f(<SUF>return 1<MID>");
    expect(template.render({ messages: [], prompt: "def f(" })).toBe("def f(");
  });

  it("runs legacy templates once per turn and leaves the last response open", () => {
    const template = goTemplate("{{ if .System }}S:{{ .System }} {{ end }}U:{{ .Prompt }} A:{{ .Response }} END ");
    expect(template.render({ messages: turns })).toBe(
      "S:You are a helpful assistant. U:Hello, how are you? A:I'm doing great. How can I help you today? END U:I'd like to show off how chat templating works! A:",
    );
    const prefill: Message[] = [
      { role: "user", content: "q" },
      { role: "assistant", content: "so far" },
    ];
    expect(template.render({ messages: prefill })).toBe("U:q A:so far");
  });

  it("appends the response to a template that mentions neither it nor the messages", () => {
    expect(goTemplate("{{ .Prompt }}\n").render({ messages: turns.slice(1, 4) })).toBe(
      "Hello, how are you?\nI'm doing great. How can I help you today?I'd like to show off how chat templating works!\n",
    );
  });

  it("names a template's fault", () => {
    expect(() => goTemplate("{{ if }}")).toThrow("template: :1: missing value for if");
    expect(() => goTemplate("{{ range .Messages }}\n{{ .Nope }}{{ end }}").render({ messages: turns })).toThrow(
      'template: :2:3: executing "" at <.Nope>: can\'t evaluate field Nope in type template.templateMessage',
    );
  });
});
