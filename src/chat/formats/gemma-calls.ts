/** Calls as FunctionGemma and Gemma 4 write them: `call:name{key:value,text:<escape>…<escape>}`, keys without quotes. */
import { isRecord } from "./calls.ts";
import type { MakeReader } from "./family.ts";
import { orderedObject } from "./ordered.ts";

const OPEN = "call:";
const MOST_DEPTH = 100;

/** `quote` is the family's quotation mark. */
export function gemmaReader(quote: string): MakeReader {
  return () => (text) => {
    const trimmed = text.trimStart();
    if (!trimmed.startsWith(OPEN)) return OPEN.startsWith(trimmed) ? "more" : "none";
    const start = text.indexOf("{");
    const name = text.slice(text.indexOf(OPEN) + OPEN.length, start < 0 ? undefined : start);
    if (/[<>\n]/.test(name.trim())) return "none";
    if (start < 0) return "more";
    const end = endOf(text, start, quote);
    if (end === undefined) return "more";
    const value = parseGemma(text.slice(start, end), quote);
    return { calls: isRecord(value) ? [{ name: name.trim(), arguments: value }] : [], end };
  };
}

/** The index behind the bracket that closes the one at `start`. */
function endOf(text: string, start: number, quote: string): number | undefined {
  let depth = 0;
  for (let at = start; at < text.length; at++) {
    if (text.startsWith(quote, at)) {
      const close = text.indexOf(quote, at + quote.length);
      if (close < 0) return undefined;
      at = close + quote.length - 1;
    } else if (text[at] === "{" || text[at] === "[") depth++;
    else if ((text[at] === "}" || text[at] === "]") && --depth === 0) return at + 1;
  }
  return undefined;
}

/** Undefined for what cannot be read. */
function parseGemma(text: string, quote: string): unknown {
  let at = 0;
  let depth = 0;
  const found = value();
  return at === text.length ? found : undefined;

  function value(): unknown {
    while (/\s/.test(text[at] ?? "")) at++;
    if (text.startsWith(quote, at)) return quoted();
    if (depth > MOST_DEPTH || (text[at] !== "{" && text[at] !== "[")) return word();
    depth++;
    const found = text[at] === "{" ? orderedObject(items("}", pair)) : items("]", value);
    depth--;
    return found;
  }

  function quoted(): string {
    const from = at + quote.length;
    const end = text.indexOf(quote, from);
    at = end < 0 ? text.length : end + quote.length;
    return text.slice(from, end < 0 ? undefined : end);
  }

  function items<T>(close: string, one: () => T): T[] {
    const list: T[] = [];
    at++;
    for (;;) {
      while (/[\s,]/.test(text[at] ?? "")) at++;
      if (at >= text.length) return list;
      if (text[at] === close) {
        at++;
        return list;
      }
      const before = at;
      list.push(one());
      // What cannot be read is stepped over, so that this ends.
      if (at === before) at++;
    }
  }

  function pair(): [string, unknown] {
    const key = text.startsWith(quote, at) ? quoted() : until(/[:{}[\],]/g).trim();
    if (text[at] === ":") at++;
    return [key, value()];
  }

  function word(): unknown {
    const found = until(/[,}\]]/g).trim();
    if (found === "true" || found === "false") return found === "true";
    if (found === "null" || found === "None") return null;
    return /^-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?$/.test(found) ? Number(found) : found;
  }

  function until(stop: RegExp): string {
    stop.lastIndex = at;
    const end = stop.exec(text)?.index ?? text.length;
    const found = text.slice(at, end);
    at = end;
    return found;
  }
}
