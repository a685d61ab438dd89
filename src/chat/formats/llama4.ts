/** Llama 4 and other models that call in Python: `[name(key=value), …]` as the whole answer. */
import { sequence, text } from "../grammar/expression.ts";
import { pythonCalls } from "../grammar/python-calls.ts";
import type { Family } from "./family.ts";
import { jsonReader } from "./json-calls.ts";
import { pythonReader } from "./python-calls.ts";

export const llama4: Family = {
  name: "llama4",
  matches: (source) => source.includes("<|python_start|>") || source.includes("<|header_start|>"),
  calls: () => ({
    family: "llama4",
    open: "<|python_start|>",
    close: "<|python_end|>",
    bare: true,
    readers: [pythonReader, jsonReader()],
    begins: (tools) => ({ texts: tools.map(({ function: { name } }) => `[${name}(`), first: true }),
    write: (writer) => sequence(text("["), pythonCalls(writer, text(", ")), text("]")),
  }),
};
