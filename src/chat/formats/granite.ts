/** Granite 3: `<|tool_call|>[{"name": …, "arguments": {…}}]`. Granite 4 writes as Hermes does. */
import { sequence, text } from "../grammar/expression.ts";
import { gap, jsonCall, several } from "../grammar/tool-calls.ts";
import type { Family } from "./family.ts";
import { jsonReader } from "./json-calls.ts";

const OPEN = "<|tool_call|>";

export const granite: Family = {
  name: "granite",
  matches: (source) => source.includes("<|start_of_role|>") && source.includes(OPEN),
  calls: () => ({
    family: "granite",
    open: OPEN,
    readers: [jsonReader()],
    write(writer) {
      const call = jsonCall(writer, { name: "name", arguments: "arguments" });
      return sequence(text(OPEN), gap, text("["), several(writer, call, text(", ")), text("]"));
    },
  }),
};
