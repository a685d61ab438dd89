/** Calls as GLM writes them: the name, then `<arg_key>key</arg_key><arg_value>value</arg_value>` in turn. */
import type { MakeReader } from "./family.ts";
import { valueReader } from "./values.ts";

/** The end of the call is the format's close tag, which stays in the text. */
export const glmReader: MakeReader = ({ tools, close }) => {
  const declared = (name: string) => tools.some((tool) => tool.function.name === name);
  return (text) => {
    if (close === undefined || /^\s*[{[<]/.test(text)) return "none";
    const key = text.indexOf("<arg_key>");
    const end = text.indexOf(close);
    const name = text.slice(0, key >= 0 && (end < 0 || key < end) ? key : end < 0 ? undefined : end);
    if (/[{[]/.test(name)) return "none";
    if (end < 0) return "more";
    if ((key < 0 || key > end) && !declared(name.trim())) return "none";
    const read = valueReader(name.trim(), tools);
    const given: Record<string, unknown> = {};
    // Models forget the tags that close; what opens next says enough.
    const pairs = /<arg_key>([\s\S]*?)(?:<\/arg_key>\s*)?<arg_value>([\s\S]*?)(?:<\/arg_value>|(?=\s*<arg_key>)|$)/g;
    for (const [, parameter = "", value = ""] of text.slice(name.length, end).matchAll(pairs))
      given[parameter.trim()] = read(parameter.trim(), value);
    return { calls: [{ name: name.trim(), arguments: given }], end };
  };
};
