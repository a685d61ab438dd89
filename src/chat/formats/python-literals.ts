/** Python's literals and calls, as far as models write them: `name(city="Paris", days=[1, 2], exact=True)`. */
import { orderedObject } from "./ordered.ts";

export interface PythonCall {
  name: string;
  positional: unknown[];
  named: [name: string, value: unknown][];
}

class Unreadable extends Error {}

const MOST_DEPTH = 100;
const WORDS = new Map<string, unknown>([
  ["True", true],
  ["False", false],
  ["None", null],
  ["true", true],
  ["false", false],
  ["null", null],
]);

/** The calls in `name(…)` or `[name(…), name(…)]`; undefined when it is neither. */
export function parsePythonCalls(text: string): PythonCall[] | undefined {
  return parsed(text, ({ eat, item, call }) => {
    if (!eat("[")) return [call()];
    const calls: PythonCall[] = [];
    while (!eat("]")) calls.push(item(call));
    return calls;
  });
}

/** A literal, which JSON is as well; undefined when it is none. */
export function parsePythonValue(text: string): unknown {
  return parsed(text, ({ value }) => value());
}

function parsed<T>(text: string, read: (parser: Parser) => T): T | undefined {
  const parser = parserOf(text);
  try {
    const found = read(parser);
    return parser.atEnd() ? found : undefined;
  } catch (error) {
    if (error instanceof Unreadable) return undefined;
    throw error;
  }
}

type Parser = ReturnType<typeof parserOf>;

function parserOf(text: string) {
  let at = 0;
  let depth = 0;
  return { eat, item, call, value, atEnd };

  function atEnd(): boolean {
    space();
    return at === text.length;
  }

  function call(): PythonCall {
    const name = match(/[^\s()[\]{},'"=]+/y);
    const found: PythonCall = { name, positional: [], named: [] };
    if (!eat("(")) throw new Unreadable();
    while (!eat(")")) item(() => argument(found));
    return found;
  }

  function argument(found: PythonCall): void {
    space();
    const key = /[^\s()[\]{},'"=]+(?=\s*=)/y;
    key.lastIndex = at;
    const name = key.exec(text)?.[0];
    if (name === undefined) {
      found.positional.push(value());
      return;
    }
    at += name.length;
    eat("=");
    found.named.push([name, value()]);
  }

  function value(): unknown {
    if (++depth > MOST_DEPTH) throw new Unreadable();
    const found = read();
    depth--;
    return found;
  }

  function read(): unknown {
    space();
    const first = text[at];
    if (first === '"' || first === "'") return string();
    if (eat("[")) return listUntil("]");
    if (eat("(")) return listUntil(")");
    if (eat("{")) {
      const entries: [string, unknown][] = [];
      while (!eat("}"))
        item(() => {
          const key = value();
          if (!eat(":")) throw new Unreadable();
          entries.push([String(key), value()]);
        });
      return orderedObject(entries);
    }
    const word = match(/[^\s()[\]{},:'"=]+/y);
    if (WORDS.has(word)) return WORDS.get(word);
    if (/^[+-]?(?:\d[\d_]*\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/.test(word)) return Number(word.replaceAll("_", ""));
    throw new Unreadable();
  }

  function listUntil(close: string): unknown[] {
    const items: unknown[] = [];
    while (!eat(close)) items.push(item(value));
    return items;
  }

  /** One item and the comma behind it. */
  function item<T>(one: () => T): T {
    const found = one();
    space();
    if (!eat(",") && !/[)\]}]/.test(text[at] ?? "")) throw new Unreadable();
    return found;
  }

  function string(): string {
    const quote = text[at] ?? "";
    const triple = quote.repeat(3);
    const mark = text.startsWith(triple, at) ? triple : quote;
    let body = "";
    for (at += mark.length; !text.startsWith(mark, at); at++) {
      if (at >= text.length) throw new Unreadable();
      body += text[at] === "\\" ? escaped() : text[at];
    }
    at += mark.length;
    return body;
  }

  function escaped(): string {
    const code = /\\(?:x([\da-fA-F]{2})|u([\da-fA-F]{4})|U([\da-fA-F]{8})|([\s\S]))/y;
    code.lastIndex = at;
    const [whole = "\\", x, u, long, plain] = code.exec(text) ?? [];
    at += whole.length - 1;
    const hex = x ?? u ?? long;
    if (hex !== undefined) return Number.parseInt(hex, 16) > 0x10ffff ? "\ufffd" : String.fromCodePoint(Number.parseInt(hex, 16));
    const known: Record<string, string> = { n: "\n", t: "\t", r: "\r", b: "\b", f: "\f", "0": "\0", "\n": "" };
    if (plain === undefined) return "\\";
    return known[plain] ?? (/['"\\/]/.test(plain) ? plain : `\\${plain}`);
  }

  function match(pattern: RegExp): string {
    space();
    pattern.lastIndex = at;
    const found = pattern.exec(text)?.[0];
    if (found === undefined) throw new Unreadable();
    at += found.length;
    return found;
  }

  function eat(character: string): boolean {
    space();
    if (text[at] !== character) return false;
    at++;
    return true;
  }

  function space(): void {
    while (/\s/.test(text[at] ?? "")) at++;
  }
}
