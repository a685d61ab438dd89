/** Google: FunctionGemma and Gemma 4 `call:name{…}` between tags, Gemma 3 Python in a fence. */
import { sequence, text } from "../grammar/expression.ts";
import { gemmaCalls } from "../grammar/gemma-calls.ts";
import { pythonCalls } from "../grammar/python-calls.ts";
import { gap, several } from "../grammar/tool-calls.ts";
import type { CallFormat, Family } from "./family.ts";
import { gemmaReader } from "./gemma-calls.ts";
import { jsonReader } from "./json-calls.ts";
import { pythonReader } from "./python-calls.ts";

function tagged(open: string, close: string, quote: string): CallFormat {
  return {
    family: "gemma",
    open,
    close,
    inner: [quote],
    readers: [gemmaReader(quote), jsonReader()],
    write: (writer) => several(writer, sequence(text(open), gemmaCalls(writer, quote), text(close)), gap),
  };
}

export const functionGemma: Family = {
  name: "functiongemma",
  matches: (source) => source.includes("<start_function_call>"),
  parsers: /^functiongemma$/,
  calls: () => tagged("<start_function_call>", "<end_function_call>", "<escape>"),
};

export const gemma4: Family = {
  name: "gemma4",
  matches: (source) => source.includes("<|tool_call>"),
  parsers: /^gemma4/,
  calls: () => tagged("<|tool_call>", "<tool_call|>", '<|"|>'),
  thinking: { open: "<|channel>thought", close: "<channel|>" },
};

export const gemma3: Family = {
  name: "gemma3",
  matches: (source) => source.includes("tool_code"),
  calls: () => ({
    family: "gemma3",
    open: "```tool_code",
    close: "```",
    readers: [pythonReader, jsonReader()],
    write: (writer) => sequence(text("```tool_code\n"), pythonCalls(writer, text("\n")), text("\n```")),
  }),
};
