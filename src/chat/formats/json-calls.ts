/** Calls in JSON: objects with a name, lists of them, or a name followed by an object of arguments. */
import { findCalls, isRecord } from "./calls.ts";
import type { MakeReader } from "./family.ts";
import { type BracketScanner, bracketScanner, parseLenient } from "./json.ts";

/** `name` finds, with its first group, the tool's name in what stands before an object that is nothing but arguments. */
export function jsonReader({ name }: { name?: RegExp } = {}): MakeReader {
  return ({ tools, bare, close }) => {
    let start: number | undefined;
    let scanner: BracketScanner | undefined;
    return (text) => {
      start ??= bare ? firstBracket(text) : jsonStart(text);
      if (start === undefined) return (bare && /\S/.test(text)) || text.includes(close ?? "\0") ? "none" : "more";
      const before = text.slice(0, start);
      if (close !== undefined && before.includes(close)) return "none";
      scanner ??= bracketScanner(start);
      const end = scanner.end(text);
      if (end === undefined) return "more";
      const value = parseLenient(text.slice(start, end));
      const named = name?.exec(before)?.[1]?.trim();
      if (named && isRecord(value)) return { calls: [{ name: named, arguments: value }], end };
      return { calls: findCalls(value, before, tools), end };
    };
  };
}

/** Where the first object begins, or the first list of objects. Undefined also while a `[` may be either. */
function jsonStart(text: string): number | undefined {
  return /\{|\[\s*(?:[{\]])/.exec(text)?.index;
}

/** The first character that is no space, if it is a bracket. */
function firstBracket(text: string): number | undefined {
  const at = text.search(/\S/);
  return text[at] === "{" || text[at] === "[" ? at : undefined;
}
