/** Every family's tool calls: read as documented, read the same however they are cut, and written by the family's grammar. */
import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { matcherOf } from "../../../test/support/grammar-matcher.ts";
import { randomText } from "../../../test/support/grammar-walker.ts";
import { faultOf } from "../../../test/support/schema-validator.ts";
import { grammarOf } from "../grammar/format.ts";
import { jinjaTemplate } from "../jinja.ts";
import type { Piece, Tool, ToolCall } from "../types.ts";
import { callFormatOf, families, familyOf } from "./families.ts";
import { outputParserFor } from "./index.ts";

const weather = {
  type: "object",
  properties: {
    city: { type: "string" },
    days: { type: "integer", minimum: 1, maximum: 14 },
    exact: { type: "boolean" },
    unit: { $ref: "#/$defs/unit" },
    tags: { type: "array", items: { type: "string", maxLength: 5 }, maxItems: 3 },
  },
  required: ["city"],
  $defs: { unit: { type: "string", enum: ["C", "F"] } },
};
const tools: Tool[] = [
  { type: "function", function: { name: "get_weather", parameters: weather } },
  { type: "function", function: { name: "now", parameters: { type: "object", properties: {} } } },
];

/** Pieces with neighbours joined: `content`, `~thinking`, `name(arguments)`. */
function parse(
  source: string,
  chunks: string[],
  { prompt = "", thinking }: { prompt?: string; thinking?: boolean } = {},
): string[] {
  const family = familyOf(source);
  const think = thinking && family?.thinking;
  const parser = outputParserFor({ source, ...(family && { family }), ...(think && { thinking: think }) }, { tools, prompt });
  const shown: string[] = [];
  let type = "";
  for (const piece of [...chunks.flatMap((chunk) => parser.push(chunk)), ...parser.end()]) {
    if (piece.type === type && piece.type !== "tool") shown[shown.length - 1] += piece.text;
    else shown.push(show(piece));
    type = piece.type;
  }
  return shown;
}

function show(piece: Piece): string {
  if (piece.type === "content") return piece.text;
  return piece.type === "thinking"
    ? `~${piece.text}`
    : `${piece.call.function.name}(${JSON.stringify(piece.call.function.arguments)})`;
}

const paris = 'get_weather({"city":"Paris"})';
const full = 'get_weather({"city":"Paris, \\"FR\\"","days":3,"exact":true,"tags":["a","b"]})';
const json = '{"city": "Paris, \\"FR\\"", "days": 3, "exact": true, "tags": ["a", "b"]}';

interface Sample {
  family: string;
  /** What tells the family: a line as its templates have it. */
  template: string;
  /** What the model writes, and what it means. */
  says: [text: string, pieces: string[]][];
  /** What the grammar must allow, where it is not the first of these. */
  writes?: string;
}

const samples: Sample[] = [
  {
    family: "hermes",
    template: '<tool_call>\n{"name": <function-name>, "arguments": <args-json-object>}\n</tool_call>',
    writes: `<tool_call>\n{"name": "get_weather", "arguments": ${json}}\n</tool_call>`,
    says: [
      [`Sure.\n<tool_call>\n{"name": "get_weather", "arguments": ${json}}\n</tool_call>`, ["Sure.", full]],
      [
        '<tool_call>\n{"name": "get_weather", "arguments": {"city": "Paris"}}\n</tool_call>\n<tool_call>\n{"name": "now", "arguments": {}}\n</tool_call>',
        [paris, "now({})"],
      ],
      ['<tool_call>{"name": "get_weather", "arguments": {"city": "Paris"}}</tool_call></tool_call>\nDone', [paris, "Done"]],
    ],
  },
  {
    family: "hermes",
    template: '<tool_call>\n{"arguments": <args-dict>, "name": <function-name>}\n</tool_call>',
    says: [['<tool_call>\n{"arguments": {"city": "Paris"}, "name": "get_weather"}\n</tool_call>', [paris]]],
  },
  {
    family: "qwen3-coder",
    template: "<tool_call>\n<function=example>\n<parameter=one>\nvalue\n</parameter>\n</function>\n</tool_call>",
    writes:
      "<tool_call>\n<function=get_weather>\n<parameter=city>\nParis\n</parameter>\n<parameter=days>\n3\n</parameter>\n</function>\n</tool_call>",
    says: [
      [
        'I look.\n\n<tool_call>\n<function=get_weather>\n<parameter=city>\nParis, "FR"\n</parameter>\n<parameter=days>\n3\n</parameter>\n<parameter=exact>\ntrue\n</parameter>\n<parameter=tags>\n["a", "b"]\n</parameter>\n</function>\n</tool_call>',
        ["I look.", full],
      ],
      ["<tool_call>\n<function=now>\n</function>\n</tool_call>", ["now({})"]],
    ],
  },
  {
    family: "glm",
    template: "<tool_call>{name}\n<arg_key>{key}</arg_key>\n<arg_value>{value}</arg_value>\n</tool_call>",
    says: [
      [
        '<tool_call>get_weather\n<arg_key>city</arg_key>\n<arg_value>Paris, "FR"</arg_value>\n<arg_key>days</arg_key>\n<arg_value>3</arg_value>\n<arg_key>exact</arg_key><arg_value>true</arg_value><arg_key>tags</arg_key><arg_value>["a","b"]</arg_value>\n</tool_call>',
        [full],
      ],
      ["<tool_call>now</tool_call><tool_call>get_weather<arg_key>city<arg_value>Paris</tool_call>", ["now({})", paris]],
    ],
  },
  {
    family: "llama3",
    template:
      '<|start_header_id|>system<|end_header_id|> Respond in the format {"name": function name, "parameters": dictionary of argument name and its value}.',
    says: [
      [`{"name": "get_weather", "parameters": ${json}}`, [full]],
      ['<|python_tag|>{"name": "get_weather", "parameters": {"city": "Paris"}}', [paris]],
      ['<|python_tag|>get_weather.call(city="Paris")', [paris]],
      ['<|python_tag|><function=get_weather>{"city": "Paris"}</function>', [paris]],
      ['{"name": "Bob", "age": 3}', ['{"name": "Bob", "age": 3}']],
    ],
  },
  {
    family: "llama4",
    template: "<|header_start|>assistant<|header_end|> <|python_start|>[func_name(param=value)]<|python_end|>",
    says: [
      ['[get_weather(city="Paris, \\"FR\\"", days=3, exact=True, tags=["a", "b"]), now()]', [full, "now({})"]],
      ['<|python_start|>[get_weather(city="Paris")]<|python_end|>', [paris]],
      ["[1] is a citation(x)", ["[1] is a citation(x)"]],
    ],
  },
  {
    family: "mistral",
    template: "[TOOL_CALLS] [AVAILABLE_TOOLS]",
    says: [
      [`[TOOL_CALLS][{"name": "get_weather", "arguments": ${json}, "id": "VvvODy9mT"}]`, [full]],
      [
        '[TOOL_CALLS] [{"name": "get_weather", "arguments": {"city": "Paris"}}, {"name": "now", "arguments": {}}]',
        [paris, "now({})"],
      ],
    ],
  },
  {
    family: "mistral",
    template: "[TOOL_CALLS]name[ARGS]{}",
    writes: `[TOOL_CALLS]get_weather[ARGS]${json}[TOOL_CALLS]now[ARGS]{}`,
    says: [
      [`Hm.[TOOL_CALLS]get_weather[ARGS]${json}[TOOL_CALLS]now[ARGS]{}`, ["Hm.", full, "now({})"]],
      ['[TOOL_CALLS]get_weather[CALL_ID]VvvODy9mT[ARGS]{"city": "Paris"}', [paris]],
      ['[TOOL_CALLS]create[ARGS]{"name": "Bob"}', ['create({"name":"Bob"})']],
    ],
  },
  {
    family: "command-r",
    template: "<|START_THINKING|><|END_THINKING|><|START_ACTION|>[]<|END_ACTION|><|START_RESPONSE|>",
    says: [
      [
        `<|START_ACTION|>[\n    {"tool_call_id": "0", "tool_name": "get_weather", "parameters": ${json}}\n]<|END_ACTION|>`,
        [full],
      ],
      ["<|START_THINKING|>plan<|END_THINKING|><|START_RESPONSE|>Hello<|END_RESPONSE|>", ["~plan", "Hello"]],
    ],
  },
  {
    family: "command-r",
    template: "Action: ```json\n[",
    writes:
      'Action: ```json\n[\n    {\n        "tool_name": "get_weather",\n        "parameters": {"city": "Paris"}\n    }\n]```',
    says: [
      [
        'Action: ```json\n[\n    {\n        "tool_name": "get_weather",\n        "parameters": {\n            "city": "Paris"\n        }\n    }\n]```',
        [paris],
      ],
    ],
  },
  {
    family: "deepseek",
    template: "<｜tool▁calls▁begin｜><｜tool▁call▁begin｜>function<｜tool▁sep｜>name\n```json\n",
    says: [
      [
        `<｜tool▁calls▁begin｜><｜tool▁call▁begin｜>function<｜tool▁sep｜>get_weather\n\`\`\`json\n${json}\n\`\`\`<｜tool▁call▁end｜>\n<｜tool▁call▁begin｜>function<｜tool▁sep｜>now\n\`\`\`json\n{}\n\`\`\`<｜tool▁call▁end｜><｜tool▁calls▁end｜>`,
        [full, "now({})"],
      ],
    ],
  },
  {
    family: "deepseek",
    template: "<｜tool▁calls▁begin｜><｜tool▁call▁begin｜>name<｜tool▁sep｜>{}",
    writes: `<｜tool▁calls▁begin｜><｜tool▁call▁begin｜>get_weather<｜tool▁sep｜>${json}<｜tool▁call▁end｜><｜tool▁calls▁end｜>`,
    says: [
      [
        `Hm.<｜tool▁calls▁begin｜><｜tool▁call▁begin｜>get_weather<｜tool▁sep｜>${json}<｜tool▁call▁end｜><｜tool▁call▁begin｜>other<｜tool▁sep｜>{"name": "x"}<｜tool▁call▁end｜><｜tool▁calls▁end｜>`,
        ["Hm.", full, 'other({"name":"x"})'],
      ],
    ],
  },
  {
    family: "functiongemma",
    template: "<start_function_call>call:name{key:value}<end_function_call><escape>",
    says: [
      [
        '<start_function_call>call:get_weather{city:<escape>Paris, "FR"<escape>,days:3,exact:true,tags:[<escape>a<escape>,<escape>b<escape>]}<end_function_call>',
        [full],
      ],
      ["<start_function_call>call:now{}<end_function_call>", ["now({})"]],
    ],
  },
  {
    family: "gemma4",
    template: '<|tool_call>call:name{key:<|"|>value<|"|>}<tool_call|>',
    writes: '<|tool_call>call:get_weather{city:<|"|>Paris<|"|>,days:3}<tool_call|>',
    says: [
      ['<|channel>thought\nHm.<channel|><|tool_call>call:get_weather{city:<|"|>Paris<|"|>}<tool_call|>', ["~Hm.", paris]],
      ['<|tool_call>call:f{a:{b:[1,{c:null}]},d:<|"|>},{<|"|>}<tool_call|>', ['f({"a":{"b":[1,{"c":null}]},"d":"},{"})']],
    ],
  },
  {
    family: "gemma3",
    template: "```tool_code\n",
    writes: '```tool_code\nget_weather(city="Paris")\n```',
    says: [['I call.\n```tool_code\nget_weather(city="Paris")\n```', ["I call.", paris]]],
  },
  {
    family: "granite",
    template: "<|start_of_role|>assistant<|end_of_role|><|tool_call|>",
    says: [[`<|tool_call|>[{"name": "get_weather", "arguments": ${json}}, {"name": "now", "arguments": {}}]`, [full, "now({})"]]],
  },
  {
    family: "phi4",
    template: "<|tool|>{}<|/tool|><|end|>",
    says: [[`<|tool_call|>[{"name": "get_weather", "arguments": ${json}}]<|/tool_call|>`, [full]]],
  },
  {
    family: "phi4",
    template: "functools[",
    says: [[`functools[{"name": "get_weather", "arguments": ${json}}]`, [full]]],
  },
  {
    family: "kimi",
    template: "<|tool_calls_section_begin|><|tool_call_begin|>",
    writes: `<|tool_calls_section_begin|><|tool_call_begin|>functions.get_weather:0<|tool_call_argument_begin|>${json}<|tool_call_end|><|tool_calls_section_end|>`,
    says: [
      [
        `<think>Hm.</think>I look.<|tool_calls_section_begin|><|tool_call_begin|>functions.get_weather:0<|tool_call_argument_begin|>${json}<|tool_call_end|><|tool_call_begin|>functions.other:1<|tool_call_argument_begin|>{"name":1}<|tool_call_end|><|tool_calls_section_end|>`,
        ["~Hm.", "I look.", full, 'other({"name":1})'],
      ],
    ],
  },
  {
    family: "lfm2",
    template: "<|tool_call_start|>[]<|tool_call_end|>",
    writes: '<|tool_call_start|>[get_weather(city="Paris", days=3, exact=True, tags=["a", "b"]), now()]<|tool_call_end|>',
    says: [
      [
        "<|tool_call_start|>[get_weather(city='Paris, \"FR\"', days=3, exact=True, tags=['a', 'b']), now()]<|tool_call_end|>Wait.",
        [full, "now({})", "Wait."],
      ],
      ['[get_weather(city="Paris")]', [paris]],
    ],
  },
  {
    family: "olmo3",
    template: "<function_calls></function_calls>",
    says: [['<function_calls>get_weather(city="Paris")\nnow()</function_calls>', [paris, "now({})"]]],
  },
  {
    family: "harmony",
    template: "<|start|>assistant<|channel|>final<|message|>",
    writes: `<|channel|>commentary to=functions.get_weather <|constrain|>json<|message|>${json}`,
    says: [
      [
        `<|channel|>analysis<|message|>Hm.<|end|><|start|>assistant<|channel|>commentary to=functions.get_weather <|constrain|>json<|message|>${json}`,
        ["~Hm.", full],
      ],
      [' to=functions.get_weather<|channel|>commentary json<|message|>{"city": "Paris"}<|call|>', [paris]],
      [
        "<|channel|>analysis<|message|>Hm.<|end|><|start|>assistant<|channel|>final<|message|>Hello.<|return|>",
        ["~Hm.", "Hello."],
      ],
      ["<|channel|>commentary<|message|>First I look.<|end|>", ["First I look."]],
      ["<|channel|>commentary to=functions.now<|message|>{broken", ["{broken"]],
      ["Plain words.", ["Plain words."]],
    ],
  },
];

const named = samples.map((sample) => [`${sample.family} ${sample.template.slice(0, 30)}`, sample] as const);

describe.each(named)("%s", (_, { family, template, says, writes }) => {
  it("is told by its template", () => {
    expect(familyOf(template)?.name).toBe(family);
  });

  it.each(says)("reads %j", (text, pieces) => {
    expect(parse(template, [text], { thinking: true })).toEqual(pieces);
    expect(parse(template, [...text], { thinking: true })).toEqual(pieces);
  });

  it("reads every text that its grammar allows as calls that fit the tools", () => {
    const chosen = familyOf(template);
    const format = callFormatOf({ source: template, ...(chosen && { family: chosen }) });
    const grammar = grammarOf((rules) => format.write({ rules, tools, many: true, strict: true }));
    let seed = 7;
    const random = () => {
      seed = (seed * 1103515245 + 12345) % 2 ** 31;
      return seed / 2 ** 31;
    };
    for (let round = 0; round < 60; round++) {
      const text = randomText(grammar, random, 150);
      const parser = outputParserFor(
        { source: template, ...(chosen && { family: chosen }) },
        { tools, prompt: "<|start|>assistant" },
      );
      const pieces = [...parser.push(text), ...parser.end()];
      const calls = pieces.flatMap((piece): ToolCall[] => (piece.type === "tool" ? [piece.call] : []));
      expect([text, pieces.filter((piece) => piece.type !== "tool")]).toEqual([text, []]);
      expect(calls.length).toBeGreaterThan(0);
      for (const call of calls) {
        const { name, arguments: given } = call.function;
        expect(["get_weather", "now"]).toContain(name);
        expect([text, name === "now" ? Object.keys(given) : faultOf(JSON.parse(JSON.stringify(given)), weather)]).toEqual([
          text,
          name === "now" ? [] : undefined,
        ]);
      }
    }
  });

  it("allows the calls as the family writes them, and no others", () => {
    const chosen = familyOf(template);
    const format = callFormatOf({ source: template, ...(chosen && { family: chosen }) });
    const matches = matcherOf(grammarOf((rules) => format.write({ rules, tools, many: true, strict: true })));
    const body = writes ?? says[0]?.[0] ?? "";
    expect([body, matches(body)]).toEqual([body, true]);
    expect(matches(body.replaceAll("get_weather", "get_money"))).toBe(false);
    expect(matches(body.replaceAll("city", "town"))).toBe(false);
  });
});

describe("any text", () => {
  const words = samples.flatMap(({ says }) => says.flatMap(([text]) => text.match(/<[^<>]{1,40}>|\[[A-Z_]+\]|\w+|[^\w]/g) ?? []));
  const answer = fc.array(fc.constantFrom(...new Set(words)), { maxLength: 30 }).map((parts) => parts.join(""));
  const cuts = fc.array(fc.nat(300), { maxLength: 40 });

  it.each(named)("is read the same however it is cut: %s", (_, { template }) => {
    fc.assert(
      fc.property(answer, cuts, (text, places) => {
        const at = [0, ...places.filter((place) => place < text.length).sort((a, b) => a - b), text.length];
        const pieces = at.slice(1).map((place, index) => text.slice(at[index], place));
        expect(parse(template, pieces, { thinking: true })).toEqual(parse(template, [text], { thinking: true }));
      }),
      { numRuns: 300 },
    );
  });

  it.each(named)("begun as a call never leaks the tag: %s", (_, { template, says }) => {
    const family = familyOf(template);
    const format = callFormatOf({ source: template, ...(family && { family }) });
    const tags = [format.open, ...(format.inner ?? [])].filter((tag) => tag !== undefined);
    for (const [text] of says)
      for (let end = 1; end < text.length; end++) {
        const content = parse(template, [text.slice(0, end)], { thinking: true }).filter((shown) => !/^\w+\(\{/.test(shown));
        for (const tag of tags) expect([text.slice(0, end), content.join("").includes(tag)]).toEqual([text.slice(0, end), false]);
      }
  });
});

const goldens = path.resolve(import.meta.dirname, "../../../../shared/data/templates/goldens-hf-jinja-e2e.json");
describe.skipIf(!existsSync(goldens))("templates of real models (needs ../shared)", () => {
  const all: { name: string; chat_template: string }[] = existsSync(goldens) ? JSON.parse(readFileSync(goldens, "utf8")) : [];
  it.each([
    ["meta-llama/Llama-3.1-8B-Instruct", "llama3"],
    ["meta-llama/Llama-3.2-11B-Vision-Instruct", "llama3"],
    ["Qwen/Qwen2.5-7B-Instruct", "hermes"],
    ["Qwen/Qwen3-0.6B", "hermes"],
    ["Qwen/Qwen3.5-4B", "qwen3-coder"],
    ["NousResearch/Hermes-2-Pro-Llama-3-8B (JSON Schema)", "hermes"],
    ["mistralai/Mistral-Nemo-Instruct-2407", "mistral"],
    ["CohereForAI/c4ai-command-r-v01 (JSON Schema)", "command-r"],
    ["CohereLabs/command-a-reasoning-08-2025", "command-r"],
    ["deepseek-ai/DeepSeek-R1", "deepseek"],
    ["moonshotai/Kimi-K2-Thinking", "kimi"],
    ["LiquidAI/LFM2.5-VL-450M", "lfm2"],
    ["zai-org/GLM-5.1", "glm"],
    ["HuggingFaceTB/SmolLM3-3B", "hermes"],
    ["Qwen/Qwen1.5-72B-Chat", undefined],
  ])("%s is %s", (name, family) => {
    const golden = all.find((one) => one.name === name);
    expect(jinjaTemplate(golden?.chat_template ?? "").family?.name).toBe(family);
  });
});

it("knows Ollama's parser names", () => {
  const names: [string, string][] = [
    ["qwen3", "hermes"],
    ["qwen3-coder", "qwen3-coder"],
    ["qwen3.5", "qwen3-coder"],
    ["harmony", "harmony"],
    ["olmo3-think", "olmo3"],
    ["glm-4.7", "glm"],
    ["lfm2-thinking", "lfm2"],
    ["cohere", "command-r"],
    ["deepseek3", "deepseek"],
    ["cogito", "deepseek"],
    ["ministral", "mistral"],
    ["gemma4", "gemma4"],
    ["functiongemma", "functiongemma"],
    ["nemotron-3-nano", "qwen3-coder"],
  ];
  for (const [parser, family] of names) expect([parser, familyOf("{{ .Prompt }}", parser)?.name]).toEqual([parser, family]);
  expect(new Set(families.map(({ name }) => name)).size).toBe(families.length);
});
