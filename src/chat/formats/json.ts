/** JSON as models write it: finding where it ends while it streams in, and reading it when it is almost right. */
import { parsePythonValue } from "./python-literals.ts";

/** Follows one object or array through a growing text without reading any of it twice. */
export interface BracketScanner {
  /** The index behind the value that begins at `start`, once the text holds all of it. */
  end(text: string): number | undefined;
}

/** `singleQuotes` and `round`: Python's strings in single quotes, and round brackets, count as well. */
export function bracketScanner(start: number, { singleQuotes = false, round = false } = {}): BracketScanner {
  let at = start;
  let depth = 0;
  let quote = "";
  let found: number | undefined;
  return {
    end(text) {
      if (found !== undefined) return found;
      for (; at < text.length; at++) {
        const char = text[at];
        if (quote !== "") {
          if (char === "\\") {
            // The escaped character may not have come yet.
            if (at + 1 >= text.length) return undefined;
            at++;
          } else if (char === quote) quote = "";
        } else if (char === '"' || (singleQuotes && char === "'")) quote = char;
        else if (char === "{" || char === "[" || (round && char === "(")) depth++;
        else if ((char === "}" || char === "]" || (round && char === ")")) && --depth === 0) {
          found = at + 1;
          return found;
        }
      }
      return undefined;
    },
  };
}

/** The value, mended if need be: raw line breaks in strings, trailing commas, Python's words and quotes. Undefined when it stays unreadable. */
export function parseLenient(text: string): unknown {
  return parse(text) ?? parse(mend(text)) ?? parse(mend(doubleQuoted(text)));
}

function parse(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text);
    // Only our own parser sees the order of such keys; JSON is also Python.
    return /"\d+"\s*:/.test(text) ? (parsePythonValue(text) ?? value) : value;
  } catch {
    return undefined;
  }
}

const STRING_OR_REST = /"(?:[^"\\]|\\[\s\S])*"|[^"]+/g;

function mend(text: string): string {
  return text.replace(STRING_OR_REST, (part) => {
    if (part.startsWith('"'))
      return part.replace(/[\n\r\t]/g, (char) => ({ "\n": "\\n", "\r": "\\r", "\t": "\\t" })[char] ?? char);
    return part
      .replace(/,(\s*[}\]])/g, "$1")
      .replace(/\bTrue\b/g, "true")
      .replace(/\bFalse\b/g, "false")
      .replace(/\bNone\b/g, "null");
  });
}

/** Python writes 'single' quotes; only ones that stand where a string may begin and end are changed. */
function doubleQuoted(text: string): string {
  return text.replace(
    /([{[,:]\s*)'((?:[^'\\]|\\.)*)'(?=\s*[,:}\]])/g,
    (_, before: string, body: string) => before + JSON.stringify(body.replaceAll("\\'", "'")),
  );
}
