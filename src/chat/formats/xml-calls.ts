/** Calls written as XML, as Qwen3-Coder and its relatives do: `<function=name><parameter=key>\nvalue\n</parameter></function>`. */
import type { MakeReader } from "./family.ts";
import { valueReader } from "./values.ts";

const OPEN = "<function=";
const CLOSE = "</function>";

export const xmlReader: MakeReader = ({ tools }) => {
  return (text) => {
    const trimmed = text.trimStart();
    if (!trimmed.startsWith(OPEN)) return OPEN.startsWith(trimmed) ? "more" : "none";
    const close = text.indexOf(CLOSE);
    if (close < 0) return "more";
    const start = text.indexOf(OPEN) + OPEN.length;
    const nameEnd = text.indexOf(">", start);
    const name = text.slice(start, nameEnd < 0 || nameEnd > close ? close : nameEnd).trim();
    const read = valueReader(name, tools);
    const given: Record<string, unknown> = {};
    // A forgotten `</parameter>` ends where the next one begins.
    for (const [, key = "", value = ""] of text
      .slice(start, close)
      .matchAll(/<parameter=([^>]*)>([\s\S]*?)(?:<\/parameter>|(?=<parameter=)|$)/g)) {
      // The line breaks around a value belong to the form.
      given[key.trim()] = read(key.trim(), value.replace(/^\n/, "").replace(/\n$/, ""));
    }
    return { calls: [{ name, arguments: given }], end: close + CLOSE.length };
  };
};
