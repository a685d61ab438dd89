/** Splitting what models write: by example, and by properties over every way of cutting the stream. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Piece, Tool } from "../types.ts";
import { familyOf } from "./families.ts";
import { type OutputOptions, outputParserFor, preservedTags } from "./index.ts";

const tools: Tool[] = ["get_weather", "get", "add"].map((name) => ({ type: "function", function: { name } }));
const think = { open: "<think>", close: "</think>" };

/** Pieces with neighbours joined and ids left out: `content`, `~thinking`, `name(arguments)`. */
function parse(chunks: string[], toolTag: string | undefined, options: OutputOptions = { tools }): string[] {
  const family = toolTag === undefined ? undefined : familyOf(toolTag);
  const parser = outputParserFor(
    { thinking: think, ...(toolTag !== undefined && { toolTag, source: toolTag }), ...(family && { family }) },
    options,
  );
  const pieces = [...chunks.flatMap((chunk) => parser.push(chunk)), ...parser.end()];
  const shown: string[] = [];
  let type = "";
  for (const piece of pieces) {
    const text = show(piece);
    if (piece.type === type && piece.type !== "tool") shown[shown.length - 1] += piece.type === "thinking" ? text.slice(1) : text;
    else shown.push(text);
    type = piece.type;
  }
  return shown;
}

function show(piece: Piece): string {
  if (piece.type === "content") return piece.text;
  if (piece.type === "thinking") return `~${piece.text}`;
  return `${piece.call.function.index}:${piece.call.function.name}(${JSON.stringify(piece.call.function.arguments)})`;
}

describe("thinking", () => {
  it.each([
    ["  <think>\n a\n</think>\n\n b", ["~a\n", "b"]],
    ["no <think>x</think>", ["no <think>x</think>"]],
    [" \n plain", [" \n plain"]],
    ["<think></think>b", ["b"]],
    ["<think>cut off", ["~cut off"]],
    ["<think>cut </thi", ["~cut "]],
    ["<thin ice", ["<thin ice"]],
    ["<think>a</think>b</think>c", ["~a", "b</think>c"]],
  ])("%j", (text, expected) => {
    expect(parse([text], undefined, {})).toEqual(expected);
    expect(parse([...text], undefined, {})).toEqual(expected);
  });

  it("starts inside when the prompt opened it, and is content when thinking is off", () => {
    expect(parse(["\nso", "</think> answer"], undefined, { promptEndsInThinking: true })).toEqual(["~so", "answer"]);
    expect(parse(["<think>a</think>b"], undefined, { think: false })).toEqual(["<think>a</think>b"]);
  });
});

const call = '{"name": "get_weather", "arguments": {"city": "Paris"}}';
const seen = (index = 0) => `${index}:get_weather({"city":"Paris"})`;

describe("tool calls", () => {
  it.each<[string, string, string[]]>([
    ["<tool_call>", `Let me see.\n<tool_call>\n${call}\n</tool_call>\n`, ["Let me see.", seen()]],
    ["<tool_call>", `<tool_call>${call}</tool_call>\n<tool_call>${call}</tool_call>Done`, [seen(0), seen(1), "Done"]],
    ["<tool_call>", `<think>use <tool_call></think>\n<tool_call>${call}`, ["~use <tool_call>", seen()]],
    [
      "<tool_call>",
      '<tool_call>{"name": "f", "arguments": "{\\"a\\": \\"</tool_call>\\"}"}</tool_call>',
      ['0:f({"a":"</tool_call>"})'],
    ],
    [
      "<tool_call>",
      '<tool_call>{"name": "add", "arguments": {"a": "line\nbreak", "b": True,}}</tool_call>',
      ['0:add({"a":"line\\nbreak","b":true})'],
    ],
    ["<tool_call>", "<tool_call>{'name': 'add', 'arguments': {'a': 'x'}}</tool_call>", ['0:add({"a":"x"})']],
    ["<tool_call>", "<tool_call>{broken}</tool_call> more", ["{broken} more"]],
    ["<tool_call>", "<tool_call>no json</tool_call>", ["no json"]],
    ["<tool_call>", '<tool_call>{"name": "add", "argu', ['{"name": "add", "argu']],
    ["<tool_call>", "1 < 2 <tool_ca", ["1 < 2 "]],
    ["<tool_call>", "so 1 <", ["so 1 <"]],
    ["[TOOL_CALLS] [", `[TOOL_CALLS] [${call}, ${call}]`, [seen(0), seen(1)]],
    ["[TOOL_CALLS]", `[TOOL_CALLS]get_weather[ARGS]{"city": "Paris"}[TOOL_CALLS]other{"a":1}`, [seen(), '1:other({"a":1})']],
    ["<|python_tag|>", '<|python_tag|>{"name": "get_weather", "parameters": {"city": "Paris"}}', [seen()]],
    [
      "<|python_tag|>",
      ' {"name": "get_weather", "parameters": {"city": "Paris"}}; {"name": "add", "parameters": {}}',
      [seen(), "1:add({})"],
    ],
    ["{", `[${call}]`, [seen()]],
    ["{", '{"get_weather": {"city": "Paris"}}', [seen()]],
    ["{", '{"name": "undeclared", "arguments": {}} text', ['{"name": "undeclared", "arguments": {}} text']],
    ["{", ` {"answer": 42}`, [' {"answer": 42}']],
    ["{", `The answer is ${call}`, [`The answer is ${call}`]],
    ["{", '{"cut": ', ['{"cut": ']],
    [
      "Action: ```json\n[",
      'Action: ```json\n[\n  {"tool_name": "add", "parameters": {"a": 1}},\n {"tool_name": "get", "parameters": {}}\n]```',
      ['0:add({"a":1})', "1:get({})"],
    ],
    ["<|START_ACTION|>[", `<|START_ACTION|>[\n ${call}\n]<|END_ACTION|>`, [seen()]],
    ["<|tool_call|>", `<|tool_call|>[${call}]<|/tool_call|>`, [seen()]],
    [
      "<tool_call>",
      "<tool_call>\n<function=add>\n<parameter=a>\n1\n</parameter>\n<parameter=b>\n{x\n}\n</parameter>\n</function>\n</tool_call>",
      ['0:add({"a":"1","b":"{x\\n}"})'],
    ],
    ["<tool_call>", "<tool_call><function=add><parameter=a>cut", ["<function=add><parameter=a>cut"]],
    ["functools[", `functools[${call}]`, [seen()]],
    [
      "<｜tool▁calls▁begin｜>",
      '<｜tool▁calls▁begin｜><｜tool▁call▁begin｜>function<｜tool▁sep｜>get_weather\n```json\n{"city": "Paris"}\n```<｜tool▁call▁end｜>\n<｜tool▁call▁begin｜>function<｜tool▁sep｜>add\n```json\n{}\n```<｜tool▁call▁end｜><｜tool▁calls▁end｜>',
      [seen(), "1:add({})"],
    ],
  ])("%s in %j", (tag, text, expected) => {
    expect(parse([text], tag)).toEqual(expected);
    expect(parse([...text], tag)).toEqual(expected);
  });

  it("reads XML values as the types that the tool declares", () => {
    const properties = {
      whole: { type: "integer" },
      part: { type: "number" },
      yes: { type: "boolean" },
      list: { type: "array" },
      text: { type: "string" },
      maybe: { anyOf: [{ type: "null" }, { type: "object" }] },
    };
    const typed: Tool[] = [{ type: "function", function: { name: "f", parameters: { properties } } }];
    const values = { whole: "3", part: "2.5", yes: "True", list: "[1]", text: "7", maybe: "null", other: "8" };
    const body = Object.entries(values).map(([key, value]) => `<parameter=${key}>\n${value}\n</parameter>`);
    const parser = outputParserFor({ toolTag: "<tool_call>" }, { tools: typed });
    const [piece] = parser.push(`<tool_call><function=f>${body.join("\n")}</function></tool_call>`);
    expect(piece?.type === "tool" && piece.call.function.arguments).toEqual({
      whole: 3,
      part: 2.5,
      yes: true,
      list: [1],
      text: "7",
      maybe: null,
      other: "8",
    });
  });

  it("leaves the text alone when the request has no tools", () => {
    expect(parse([`<tool_call>${call}</tool_call>`], "<tool_call>", {})).toEqual([`<tool_call>${call}</tool_call>`]);
  });

  it("gives ids of Ollama's form, each its own", () => {
    const parser = outputParserFor({ toolTag: "<tool_call>" }, { tools });
    const ids = [...parser.push(`<tool_call>${call}</tool_call><tool_call>${call}</tool_call>`)].map((piece) =>
      piece.type === "tool" ? piece.call.id : "",
    );
    expect(ids).toEqual([expect.stringMatching(/^call_[a-z0-9]{8}$/), expect.stringMatching(/^call_[a-z0-9]{8}$/)]);
    expect(ids[0]).not.toBe(ids[1]);
  });

  it("names the tags that must come through as text", () => {
    const template = { thinking: think, toolTag: "<tool_call>" };
    expect(preservedTags(template, { tools })).toEqual(["<think>", "</think>", "<tool_call>", "</tool_call>"]);
    expect(preservedTags(template, { think: false })).toEqual([]);
    expect(preservedTags({ toolTag: "{" }, { tools })).toEqual([]);
  });
});

describe("properties", () => {
  const part = fc.constantFrom(
    ...'<think> </think> <tool_call> </tool_call> <tool_ < <t [TOOL_CALLS] <|python_tag|> { } [ ] , ; " ` \\ get_weather add [ARGS] <function=add> <parameter=a> </parameter> </function> 你好 😀'.split(
      " ",
    ),
    " ",
    "\n",
    "text",
    call,
    '{"name": "add"}',
    '"name": "x"',
    '{"a": "\\"}"}',
  );
  const answer = fc.array(part, { maxLength: 25 }).map((parts) => parts.join(""));
  const cuts = fc.array(fc.nat(200), { maxLength: 30 });
  const tag = fc.constantFrom("<tool_call>", "[TOOL_CALLS]", "<|python_tag|>", "{", undefined);

  function cut(text: string, at: number[]): string[] {
    const places = [0, ...at.filter((place) => place < text.length).sort((a, b) => a - b), text.length];
    return places.slice(1).map((place, index) => text.slice(places[index], place));
  }

  it("gives the same pieces however the text is cut", () => {
    fc.assert(
      fc.property(answer, cuts, tag, fc.boolean(), (text, at, toolTag, promptEndsInThinking) => {
        const options = { tools, promptEndsInThinking };
        expect(parse(cut(text, at), toolTag, options)).toEqual(parse([text], toolTag, options));
      }),
      { numRuns: 3000 },
    );
  });

  it("lets no tag through while tools are on, and no thinking tag before the answer", () => {
    fc.assert(
      fc.property(answer, cuts, (text, at) => {
        const parser = outputParserFor({ toolTag: "<tool_call>" }, { tools });
        const pieces = [...cut(text, at).flatMap((chunk) => parser.push(chunk)), ...parser.end()];
        for (const piece of pieces) if (piece.type === "content") expect(piece.text).not.toContain("<tool_call>");
        const thinking = parse(cut(`<think>${text.replaceAll("</think>", "")}</think>x`, at), undefined, {}).filter((shown) =>
          shown.startsWith("~"),
        );
        expect(thinking.join("")).not.toContain("</think");
      }),
      { numRuns: 2000 },
    );
  });

  it("loses nothing when nothing is special", () => {
    fc.assert(
      fc.property(
        fc.string({ unit: "grapheme" }).filter((text) => !text.includes("<") && !/^\s*[{[]/.test(text)),
        cuts,
        (text, at) => {
          expect(parse(cut(text, at), "<tool_call>").join("")).toBe(text);
        },
      ),
    );
  });
});
