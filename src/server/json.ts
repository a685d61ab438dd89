/** JSON as Go reads and writes it, for clients that grew up with Ollama. */
import { Invalid } from "../errors.ts";

const ESCAPES: Record<string, string> = {
  "<": "\\u003c",
  ">": "\\u003e",
  "&": "\\u0026",
  "\u2028": "\\u2028",
  "\u2029": "\\u2029",
};

/** JSON.stringify, with the characters escaped that Go's encoder escapes. */
export function toJson(value: unknown): string {
  return JSON.stringify(value).replace(/[<>&\u2028\u2029]/g, (character) => ESCAPES[character] ?? character);
}

/** The first JSON value of a text; what follows it is not looked at. Throws Invalid with Go's words. */
export function parseFirstValue(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    const start = text.search(/[^ \t\r\n]/);
    if (start === -1) throw new Invalid("missing request body");
    const end = endOfValue(text, start);
    if (end === undefined) throw new Invalid(unexpected(text, start) ?? "unexpected EOF");
    try {
      return JSON.parse(text.slice(start, end));
    } catch (error) {
      throw new Invalid(unexpected(text.slice(0, end), start) ?? `invalid JSON: ${(error as Error).message}`, { cause: error });
    }
  }
}

/** Index after the value that begins at `start`, by brackets and quotes alone. Undefined when the text ends first. */
function endOfValue(text: string, start: number): number | undefined {
  const first = text.charAt(start);
  if (first !== "{" && first !== "[" && first !== '"') {
    const length = text.slice(start).search(/[ \t\r\n,[\]{}"]/);
    return length === -1 ? text.length : start + Math.max(1, length);
  }
  let depth = 0;
  let quoted = false;
  for (let i = start; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (quoted) {
      if (code === 92) i++;
      else if (code === 34) {
        quoted = false;
        if (depth === 0) return i + 1;
      }
    } else if (code === 34) quoted = true;
    else if (code === 123 || code === 91) depth++;
    else if (code === 125 || code === 93) {
      depth--;
      if (depth <= 0) return i + 1;
    }
  }
  return undefined;
}

/** Go's words for the first character that cannot be, when it is the first of all; else a place to look at. */
function unexpected(text: string, start: number): string | undefined {
  const first = text.charAt(start);
  if (!/[{["\-0-9tfn]/.test(first)) return `invalid character '${first}' looking for beginning of value`;
  try {
    JSON.parse(text);
  } catch (error) {
    // V8 names the place, unless the text merely ended.
    const found = /position (\d+)/.exec((error as Error).message);
    const at = found ? Number(found[1]) : -1;
    if (at >= 0 && at < text.length) return `invalid character '${text.charAt(at)}' at offset ${at + 1} of the JSON body`;
  }
  return undefined;
}
