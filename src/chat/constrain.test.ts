/** What an answer is held to, by what the request says. */
import { describe, expect, it } from "vitest";
import { matcherOf } from "../../test/support/grammar-matcher.ts";
import { constraintFor, grammarStart } from "./constrain.ts";
import { goTemplate } from "./go.ts";
import { chooseTools, type ToolChoice } from "./tool-choice.ts";
import type { Tool } from "./types.ts";

const tools: Tool[] = ["get-time", "get_time"].map((name) => ({ type: "function", function: { name } }));
const hermes = goTemplate(
  "{{/* <tool_call> */}}{{ .Tools }}{{ range .Messages }}{{ if .Thinking }}<think>{{ .Thinking }}</think>{{ end }}{{ end }}",
);
const gptOss = goTemplate("<|start|><|channel|><|message|>{{ .Tools }}{{ range .Messages }}{{ .Content }}{{ end }}");
const bare = goTemplate("{{ .Tools }}{{ range .Messages }}{{ .Content }}{{ end }}");

const constrain = (
  choice: ToolChoice,
  { template = hermes, format = undefined as unknown, parallel = true, given = tools } = {},
) => constraintFor({ ...chooseTools(given, choice), template, format, parallel });
const matches = (constraint: { grammar: string } | undefined, text: string) => matcherOf(constraint?.grammar ?? "")(text);
const call = (name: string) => `<tool_call>\n{"name": "${name}", "arguments": {}}\n</tool_call>`;

describe("constraintFor", () => {
  it("leaves an answer free without tools and format", () => {
    expect(constrain("auto", { given: [] })).toBeUndefined();
    expect(constrain("none", { given: [] })).toBeUndefined();
  });

  it("holds calls from their tag on, or from the start when there must be one", () => {
    const auto = constrain("auto");
    expect(auto?.begins).toEqual({ texts: ["<tool_call>"], first: false });
    for (const constraint of [auto, constrain("required")]) {
      expect(matches(constraint, call("get_time"))).toBe(true);
      expect(matches(constraint, `${call("get_time")}\n${call("get-time")}`)).toBe(true);
      expect(matches(constraint, call("other"))).toBe(false);
    }
    expect(constrain("required")?.begins).toBeUndefined();
    expect(matches(constrain({ name: "get-time" }), call("get_time"))).toBe(false);
    expect(matches(constrain("required", { parallel: false }), `${call("get_time")}\n${call("get-time")}`)).toBe(false);
    expect(constrain("auto", { template: bare })?.begins).toMatchObject({ first: true });
  });

  it("keeps the tag out of an answer that must not call", () => {
    const none = constrain("none");
    expect(matches(none, "I would call\n<tool_ it <<tool_cal")).toBe(true);
    expect(matches(none, "so: <<tool_call>{}")).toBe(false);
  });

  it("allows calls or the format, when there are both", () => {
    for (const format of ["json", { type: "object" }]) {
      const both = constrain("auto", { format });
      expect([matches(both, call("get_time")), matches(both, '{"a": 1}'), matches(both, "hello")]).toEqual([true, true, false]);
      expect(matches(constrain("none", { format }), call("get_time"))).toBe(false);
    }
  });

  it("writes gpt-oss's messages, with its names", () => {
    const template = gptOss;
    const must = constrain("required", { template });
    expect(matches(must, "<|channel|>commentary to=functions.get_time <|constrain|>json<|message|>{}")).toBe(true);
    expect(matches(must, "<|start|>assistant to=functions.get_time_2<|channel|>commentary<|message|>{}")).toBe(true);
    expect(matches(must, "<|channel|>commentary to=functions.get-time<|message|>{}")).toBe(false);
    const formatted = constrain("auto", { template, given: [], format: { const: 1 } });
    expect(matches(formatted, "<|start|>assistant<|channel|>final<|message|>1")).toBe(true);
    expect(matches(formatted, "1")).toBe(false);
  });

  it("begins after thinking, and does not count what is thought", () => {
    const how = { template: hermes, think: true, endsInThinking: false } as const;
    expect(grammarStart({}, how)).toEqual({ grammarAfter: "</think>" });
    expect(grammarStart({}, { ...how, think: false })).toEqual({});
    const begins = { texts: ["<tool_call>"], first: false };
    expect(grammarStart({ begins }, { ...how, endsInThinking: true })).toEqual({
      grammarAt: { ...begins, skip: { open: "<think>", close: "</think>", inside: true } },
    });
    expect(grammarStart({}, { ...how, template: gptOss, think: undefined })).toEqual({ grammarAfter: "<|end|>" });
  });
});

describe("chooseTools", () => {
  it("shows what may be called, and refuses what cannot be", () => {
    expect(chooseTools(tools, "none")).toEqual({ tools: [], mustCall: false, forbidden: true });
    expect(chooseTools(tools, { name: "get_time" }).tools).toHaveLength(1);
    expect(() => chooseTools([], "required")).toThrow("no tools");
    expect(() => chooseTools(tools, { name: "x" })).toThrow(
      'tool_choice names "x", but the request\'s tools are: get-time, get_time',
    );
  });
});
