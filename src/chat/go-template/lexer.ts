/** Splits a Go template into tokens. Rules: https://pkg.go.dev/text/template and text/template/parse. */
import { syntaxError } from "./error.ts";

export type TokenType =
  | "text"
  | "open"
  | "close"
  | "word"
  | "field"
  | "variable"
  | "dot"
  | "char"
  | "number"
  | "string"
  | "|"
  | "="
  | ":="
  | "("
  | ")"
  | ","
  | "end of file";

export interface Token {
  type: TokenType;
  /** As written, except that trimmed text is already trimmed. */
  text: string;
  offset: number;
  line: number;
  /** White space stands before it, which ends an operand: `.A .B` is two, `.A.B` one. */
  spaced: boolean;
}

const SPACE = /[ \t\r\n]/;
const WORD = /[\p{L}\p{Nd}_]*/uy;
const NUMBER =
  /[+-]?(?:0[xX][0-9a-fA-F_]*(?:\.[0-9a-fA-F_]*)?(?:[pP][+-]?[0-9_]*)?|0[oO][0-7_]*|0[bB][01_]*|[0-9_]*(?:\.[0-9_]*)?(?:[eE][+-]?[0-9_]*)?)/y;
/** What may follow a word, field or variable. */
const TERMINATOR = /[ \t\r\n.,|:()}]/;

/** All tokens of a template, the last one being the end of the file. Throws `TemplateError`. */
export function tokenize(source: string): Token[] {
  const tokens: Token[] = [];
  const lines = lineCounter(source);
  let offset = 0;
  let trimNext = false;
  while (offset < source.length) {
    const open = source.indexOf("{{", offset);
    const textEnd = open < 0 ? source.length : open;
    const trimBefore = open >= 0 && source[open + 2] === "-" && SPACE.test(source[open + 3] ?? "");
    let text = source.slice(offset, textEnd);
    if (trimNext) text = text.replace(/^[ \t\r\n]+/, "");
    if (trimBefore) text = trimEnd(text);
    if (text !== "") tokens.push({ type: "text", text, offset, line: lines(offset), spaced: false });
    if (open < 0) break;
    const inside = open + (trimBefore ? 4 : 2);
    const commentEnd = skipComment(source, inside, lines);
    if (commentEnd) {
      ({ offset, trimNext } = commentEnd);
      continue;
    }
    tokens.push({ type: "open", text: "{{", offset: open, line: lines(open), spaced: false });
    ({ offset, trimNext } = action(source, inside, tokens, lines));
  }
  tokens.push({ type: "end of file", text: "", offset: source.length, line: lines(source.length), spaced: false });
  return tokens;
}

/** Tokens of one action, up to and with its closing braces. */
function action(
  source: string,
  start: number,
  tokens: Token[],
  lines: (offset: number) => number,
): { offset: number; trimNext: boolean } {
  let offset = start;
  let depth = 0;
  let spaced = false;
  for (;;) {
    const before = offset;
    while (offset < source.length && SPACE.test(source[offset] ?? "")) offset++;
    spaced = offset > before;
    const trim = spaced && source.startsWith("-}}", offset);
    if (trim || source.startsWith("}}", offset)) {
      if (depth > 0) throw syntaxError(lines(offset), "unclosed left paren");
      tokens.push({ type: "close", text: "}}", offset, line: lines(offset), spaced });
      return { offset: offset + (trim ? 3 : 2), trimNext: trim };
    }
    if (offset >= source.length) throw syntaxError(lines(start), "unclosed action");
    const [type, length] = token(source, offset, lines);
    if (type === "(") depth++;
    if (type === ")" && --depth < 0) throw syntaxError(lines(offset), "unexpected right paren");
    tokens.push({ type, text: source.slice(offset, offset + length), offset, line: lines(offset), spaced });
    offset += length;
  }
}

function token(source: string, offset: number, lines: (offset: number) => number): [TokenType, number] {
  const first = source[offset] ?? "";
  const fail = (problem: string) => syntaxError(lines(offset), problem);
  switch (first) {
    case '"':
    case "'":
    case "`":
      return quoted(source, offset, first, fail);
    case ":":
      if (source[offset + 1] !== "=") throw fail("expected :=");
      return [":=", 2];
    case "=":
    case "|":
    case "(":
    case ")":
    case ",":
      return [first, 1];
  }
  if (/[0-9+-]/.test(first) || (first === "." && /[0-9]/.test(source[offset + 1] ?? ""))) {
    const length = match(NUMBER, source, offset);
    const after = match(WORD, source, offset + length);
    if (after > 0 || length === 0)
      throw fail(`bad number syntax: ${JSON.stringify(source.slice(offset, offset + length + after))}`);
    return ["number", length];
  }
  const sigil = first === "." || first === "$" ? 1 : 0;
  const word = match(WORD, source, offset + sigil);
  if (sigil + word === 0) throw fail(`unrecognized character in action: ${codePoint(source, offset)}`);
  const end = offset + sigil + word;
  if (end < source.length && !TERMINATOR.test(source[end] ?? "")) throw fail(`bad character ${codePoint(source, end)}`);
  if (first === ".") return word > 0 ? ["field", 1 + word] : ["dot", 1];
  return [first === "$" ? "variable" : "word", sigil + word];
}

function quoted(source: string, offset: number, quote: string, fail: (problem: string) => Error): [TokenType, number] {
  const kind = quote === "'" ? "character constant" : quote === "`" ? "raw quoted string" : "quoted string";
  for (let end = offset + 1; end < source.length; end++) {
    const char = source[end];
    if (char === quote) return [quote === "'" ? "char" : "string", end + 1 - offset];
    if (quote !== "`" && char === "\n") break;
    if (quote !== "`" && char === "\\") end++;
  }
  throw fail(`unterminated ${kind}`);
}

/** Where a comment that starts here ends, past its closing braces. */
function skipComment(source: string, start: number, lines: (offset: number) => number) {
  if (!source.startsWith("/*", start)) return undefined;
  const end = source.indexOf("*/", start);
  if (end < 0) throw syntaxError(lines(start), "unclosed comment");
  const closing = /(?:}}|[ \t\r\n]-}})/y;
  const length = match(closing, source, end + 2);
  if (length === 0) throw syntaxError(lines(start), "comment ends before closing delimiter");
  return { offset: end + 2 + length, trimNext: length > 2 };
}

function match(pattern: RegExp, source: string, offset: number): number {
  pattern.lastIndex = offset;
  return pattern.exec(source)?.[0].length ?? 0;
}

function trimEnd(text: string): string {
  let end = text.length;
  while (end > 0 && SPACE.test(text[end - 1] ?? "")) end--;
  return text.slice(0, end);
}

function codePoint(source: string, offset: number): string {
  const code = source.codePointAt(offset) ?? 0;
  return `U+${code.toString(16).toUpperCase().padStart(4, "0")} '${String.fromCodePoint(code)}'`;
}

/** Line numbers from 1 for offsets that only grow, in linear time altogether; a step back starts over. */
function lineCounter(source: string): (offset: number) => number {
  let line = 1;
  let done = 0;
  return (offset) => {
    if (offset < done) {
      line = 1;
      done = 0;
    }
    for (; done < offset && done < source.length; done++) if (source.charCodeAt(done) === 10) line++;
    return line;
  };
}
