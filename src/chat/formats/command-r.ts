/** Cohere: Command R writes `Action: ```json [{"tool_name": …}]```, Command R7B and A `<|START_ACTION|>[…]<|END_ACTION|>`. */
import { span } from "../grammar/code-points.ts";
import { characters, type Expression, empty, optional, repeat, sequence, text } from "../grammar/expression.ts";
import { type CallWriter, indent, jsonCall, several } from "../grammar/tool-calls.ts";
import type { CallFormat, Family } from "./family.ts";
import { jsonReader } from "./json-calls.ts";

const START = "<|START_ACTION|>";

function list(writer: CallWriter, before: Expression): Expression {
  const call = jsonCall(writer, { name: "tool_name", arguments: "parameters", before, space: indent });
  return sequence(indent, text("["), indent, several(writer, call, sequence(text(","), indent)), indent, text("]"));
}

function format(source: string): CallFormat {
  const readers = [jsonReader()];
  if (source.includes(START)) {
    const close = "<|END_ACTION|>";
    const number = optional(sequence(text('"tool_call_id": "'), repeat(characters(span("09")), 1, 3), text('", ')));
    const write = (writer: CallWriter) => sequence(text(START), list(writer, number), indent, text(close));
    return { family: "command-r", open: START, close, readers, write };
  }
  const open = /Action:(?:\\n|\n)```json/.test(source) ? "Action:\n```json" : "Action: ```json";
  const write = (writer: CallWriter) => sequence(text(open), list(writer, empty), indent, text("```"));
  return { family: "command-r", open, close: "```", readers, write };
}

export const commandR: Family = {
  name: "command-r",
  matches: (source) => source.includes(START) || /Action:(?:\\n|\n| )```json/.test(source),
  parsers: /^cohere$/,
  calls: format,
  thinking: { open: "<|START_THINKING|>", close: "<|END_THINKING|>" },
  wrappers: ["<|START_RESPONSE|>", "<|END_RESPONSE|>", "<|START_TEXT|>", "<|END_TEXT|>"],
};
