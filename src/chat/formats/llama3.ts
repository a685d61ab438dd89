/** Llama 3.1 to 3.3: `{"name": …, "parameters": {…}}` as the whole answer, sometimes behind `<|python_tag|>`. */
import { text } from "../grammar/expression.ts";
import { jsonBeginnings, jsonCall, several } from "../grammar/tool-calls.ts";
import type { Family, MakeReader } from "./family.ts";
import { jsonReader } from "./json-calls.ts";
import { pythonReader } from "./python-calls.ts";

const TAG = "<|python_tag|>";
/** `<function=name>{…}</function>`, the form that Meta documents for custom tools. */
const FUNCTION = /<function=([^>]+)>\s*$/;

const functionReader: MakeReader = (options) => {
  const json = jsonReader({ name: FUNCTION })(options);
  return (text) => {
    const start = text.trimStart();
    if (!start.startsWith("<function=")) return "<function=".startsWith(start) ? "more" : "none";
    const read = json(text);
    const close = "</function>";
    if (read === "more" || read === "none") return read;
    const rest = text.slice(read.end);
    if (rest.startsWith(close)) return { ...read, end: read.end + close.length };
    return close.startsWith(rest) ? "more" : read;
  };
};

export const llama3: Family = {
  name: "llama3",
  matches: (source) =>
    source.includes(TAG) || (source.includes("<|start_header_id|>") && /"parameters"|parameters": ?dictionary/.test(source)),
  calls: (source) => ({
    family: "llama3",
    open: TAG,
    bare: true,
    readers: [functionReader, pythonReader, jsonReader()],
    begins: jsonBeginnings,
    write(writer) {
      // Llama 3.1's own template refuses a conversation with two calls at once.
      const many = writer.many && !source.includes("single tool-calls");
      return several({ ...writer, many }, jsonCall(writer, { name: "name", arguments: "parameters" }), text("; "));
    },
  }),
};
