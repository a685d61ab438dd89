/** Calls written as Python: one `name(key=value)`, or a list of them in brackets. */
import type { Tool } from "../types.ts";
import { type FoundCall, isRecord } from "./calls.ts";
import type { MakeReader } from "./family.ts";
import { bracketScanner } from "./json.ts";
import { orderedObject } from "./ordered.ts";
import { type PythonCall, parsePythonCalls } from "./python-literals.ts";

/** What may stand before a call in a group: the rest of the list it is in. */
const BEFORE = /^[\s,;\]`]*/;
const NAME = /^\[?\s*[^\s()[\]{},'"=<>]*/;

export const pythonReader: MakeReader = ({ tools, bare }) => {
  let start: number | undefined;
  let scan: ReturnType<typeof bracketScanner> | undefined;
  return (text) => {
    if (start === undefined) {
      const from = (bare ? /^\s*/ : BEFORE).exec(text)?.[0].length ?? 0;
      const head = text.slice(from);
      const name = NAME.exec(head)?.[0] ?? "";
      const next = head.slice(name.length).trimStart()[0];
      if (next === undefined) return bare && head !== "" && !head.startsWith("[") ? "none" : "more";
      const empty = name.replace(/^\[\s*/, "") === "";
      if (next !== "(" || empty || (bare && !head.startsWith("["))) return "none";
      start = from;
      scan = bracketScanner(head.startsWith("[") ? from : from + head.indexOf("("), { singleQuotes: true, round: true });
    }
    const end = scan?.end(text);
    if (end === undefined) return "more";
    const found = parsePythonCalls(text.slice(start, end));
    return { calls: (found ?? []).map((call) => toCall(call, tools)), end };
  };
};

/** Arguments without a name are the tool's parameters in their order. */
function toCall({ name, positional, named }: PythonCall, tools: Tool[]): FoundCall {
  // Llama writes its built-in tools as methods.
  const known = tools.some((tool) => tool.function.name === name) ? name : name.replace(/\.call$/, "");
  const properties = tools.find((tool) => tool.function.name === known)?.function.parameters?.properties;
  const names = isRecord(properties) ? Object.keys(properties) : [];
  const byPlace = positional.map((value, index): [string, unknown] => [names[index] ?? `arg${index}`, value]);
  return { name: known, arguments: orderedObject([...byPlace, ...named]) };
}
