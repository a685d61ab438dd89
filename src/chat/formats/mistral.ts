/** Mistral: `[TOOL_CALLS][{"name": …}]`, and since Ministral 3 and Magistral `[TOOL_CALLS]name[ARGS]{…}`. */
import { span } from "../grammar/code-points.ts";
import { characters, empty, optional, repeat, sequence, text } from "../grammar/expression.ts";
import { eachTool, gap, jsonArguments, jsonCall, several } from "../grammar/tool-calls.ts";
import type { CallFormat, Family } from "./family.ts";
import { jsonReader } from "./json-calls.ts";

const OPEN = "[TOOL_CALLS]";
const NAME = /^\s*([^\s[\]{}]+?)\s*(?:\[CALL_ID\][^[\]{}]*)?\[ARGS\]\s*$/;
const id = repeat(characters(span("az", "AZ", "09")), 9, 9);

function format(source: string): CallFormat {
  const named = source.includes("[ARGS]");
  return {
    family: "mistral",
    open: OPEN,
    inner: ["[CALL_ID]", "[ARGS]"],
    readers: [jsonReader({ name: NAME })],
    write(writer) {
      if (named) {
        const head = optional(sequence(text("[CALL_ID]"), id));
        const call = eachTool(writer, (tool) =>
          sequence(text(`${OPEN}${tool.function.name}`), head, text("[ARGS]"), jsonArguments(writer, tool)),
        );
        return several(writer, call, empty);
      }
      const after = optional(sequence(text(', "id": "'), id, text('"')));
      const call = jsonCall(writer, { name: "name", arguments: "arguments", after });
      return sequence(text(OPEN), gap, text("["), several(writer, call, text(", ")), text("]"));
    },
  };
}

export const mistral: Family = {
  name: "mistral",
  matches: (source) => source.includes(OPEN),
  parsers: /^(?:ministral|mistral)/,
  calls: format,
  // Its templates refuse ids that are not nine letters or digits.
  callId({ id, count }) {
    const letters = id.replace(/^call_/, "").replace(/[^A-Za-z0-9]/g, "");
    return letters === "" ? String(count).padStart(9, "0") : letters.slice(0, 9).padEnd(9, "0");
  },
};
