/** Kimi K2: a section of `<|tool_call_begin|>functions.name:0<|tool_call_argument_begin|>{…}<|tool_call_end|>`. */
import { span } from "../grammar/code-points.ts";
import { characters, repeat, sequence, text } from "../grammar/expression.ts";
import { eachTool, gap, jsonArguments, several } from "../grammar/tool-calls.ts";
import type { Family } from "./family.ts";
import { jsonReader } from "./json-calls.ts";

const OPEN = "<|tool_calls_section_begin|>";
const CLOSE = "<|tool_calls_section_end|>";
const BEGIN = "<|tool_call_begin|>";
const ARGUMENTS = "<|tool_call_argument_begin|>";
const END = "<|tool_call_end|>";
const NAME = /<\|tool_call_begin\|>\s*(?:functions\.)?([^\s<>]+?)(?::\d+)?\s*<\|tool_call_argument_begin\|>\s*$/;

export const kimi: Family = {
  name: "kimi",
  matches: (source) => source.includes(OPEN),
  parsers: /^kimi/,
  calls: () => ({
    family: "kimi",
    open: OPEN,
    close: CLOSE,
    inner: [BEGIN, ARGUMENTS, END],
    readers: [jsonReader({ name: NAME })],
    write(writer) {
      const number = repeat(characters(span("09")), 1, 3);
      const call = eachTool(writer, (tool) =>
        sequence(
          text(`${BEGIN}functions.${tool.function.name}:`),
          number,
          text(ARGUMENTS),
          jsonArguments(writer, tool),
          text(END),
        ),
      );
      return sequence(text(OPEN), several(writer, call, gap), text(CLOSE));
    },
  }),
  thinking: { open: "<think>", close: "</think>" },
  // Its templates write the id in place of the name.
  callId: ({ id, name, count }) => (/^functions\..+:\d+$/.test(id) ? id : `functions.${name}:${count}`),
};
