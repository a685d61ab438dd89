/** Hermes, and all that learned from it: Qwen 2.5 and 3, Granite 4, SmolLM3, Jamba's relatives. `<tool_call>{"name": …}</tool_call>`. */
import { sequence, text } from "../grammar/expression.ts";
import { gap, jsonCall, several } from "../grammar/tool-calls.ts";
import type { CallFormat, Family } from "./family.ts";
import { glmReader } from "./glm-calls.ts";
import { jsonReader } from "./json-calls.ts";
import { xmlReader } from "./xml-calls.ts";

/** Relatives share the tag and are mixed up by fine-tunes, so each reads the others' calls. */
export const toolCallReaders = [xmlReader, glmReader, jsonReader()];

function format(source: string): CallFormat {
  // Hermes 2 Pro was trained with the arguments first.
  const argumentsFirst = /\{"arguments": ?<args-(?:dict|json-object)>/.test(source);
  return {
    family: "hermes",
    open: "<tool_call>",
    close: "</tool_call>",
    readers: toolCallReaders,
    write(writer) {
      const call = jsonCall(writer, { name: "name", arguments: "arguments", argumentsFirst });
      return several(writer, sequence(text("<tool_call>"), gap, call, gap, text("</tool_call>")), gap);
    },
  };
}

export const hermes: Family = {
  name: "hermes",
  matches: (source) => source.includes("<tool_call>"),
  parsers: /^(?:qwen3|qwen3-thinking|qwen3-vl-instruct|qwen3-vl-thinking)$/,
  calls: format,
};
