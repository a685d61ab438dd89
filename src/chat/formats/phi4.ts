/** Phi-4-mini: `<|tool_call|>[{"name": …, "arguments": {…}}]<|/tool_call|>`, or `functools[…]` under Ollama's template. */
import { sequence, text } from "../grammar/expression.ts";
import { gap, jsonCall, several } from "../grammar/tool-calls.ts";
import type { Family } from "./family.ts";
import { jsonReader } from "./json-calls.ts";

export const phi4: Family = {
  name: "phi4",
  matches: (source) => source.includes("functools") || (source.includes("<|tool|>") && source.includes("<|end|>")),
  calls(source) {
    const functools = source.includes("functools");
    const [open, close] = functools ? ["functools", undefined] : ["<|tool_call|>", "<|/tool_call|>"];
    return {
      family: "phi4",
      open,
      ...(close !== undefined && { close }),
      readers: [jsonReader()],
      write(writer) {
        const call = jsonCall(writer, { name: "name", arguments: "arguments" });
        return sequence(text(open), gap, text("["), several(writer, call, text(", ")), text(`]${close ?? ""}`));
      },
    };
  },
};
