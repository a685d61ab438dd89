/** Liquid's LFM2: `<|tool_call_start|>[name(key="value")]<|tool_call_end|>`. */
import { sequence, text } from "../grammar/expression.ts";
import { pythonCalls } from "../grammar/python-calls.ts";
import type { Family } from "./family.ts";
import { jsonReader } from "./json-calls.ts";
import { pythonReader } from "./python-calls.ts";

const OPEN = "<|tool_call_start|>";
const CLOSE = "<|tool_call_end|>";

export const lfm2: Family = {
  name: "lfm2",
  matches: (source) => source.includes(OPEN),
  parsers: /^lfm2(?:-thinking)?$/,
  calls: () => ({
    family: "lfm2",
    open: OPEN,
    close: CLOSE,
    // The tags are sometimes left out.
    bare: true,
    readers: [pythonReader, jsonReader()],
    write: (writer) => sequence(text(`${OPEN}[`), pythonCalls(writer, text(", ")), text(`]${CLOSE}`)),
  }),
  thinking: { open: "<think>", close: "</think>" },
};
