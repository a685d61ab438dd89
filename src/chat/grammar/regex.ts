/** Reads the part of ECMAScript's regular expressions that a grammar can say, for `pattern` in a JSON Schema. */
import { charactersOf, complement, lastCodePoint, type Range, span, union } from "./code-points.ts";
import { characters, choice, type Expression, empty, lengths, repeat, sequence, text } from "./expression.ts";

/** What the grammar cannot say, such as `lookahead (?=`. The caller adds where the pattern stands. */
export class UnsupportedPattern extends Error {}

const digits = span("09");
const word = union(span("09", "AZ", "az"), charactersOf("_"));
const lineEnds = charactersOf("\n\r\u2028\u2029");
const spaces = union(charactersOf("\t\v\f \u00a0\u1680\u202f\u205f\u3000\ufeff"), [[0x2000, 0x200a]], lineEnds);
const anything: Range[] = [[0, lastCodePoint]];
const classes: Record<string, Range[]> = {
  d: digits,
  D: complement(digits),
  w: word,
  W: complement(word),
  s: spaces,
  S: complement(spaces),
};
const controls: Record<string, string> = { t: "\t", n: "\n", r: "\r", v: "\v", f: "\f", "0": "\0" };
const mostNesting = 50;

/** The whole texts that `pattern` accepts. Without `^` or `$` anything may stand before or after, as in any search. */
export function readRegex(pattern: string): Expression {
  const source = Array.from(pattern);
  let at = 0;
  const peek = () => source[at];
  const eat = (character: string) => {
    if (peek() !== character) return false;
    at++;
    return true;
  };
  const unsupported = (what: string) => new UnsupportedPattern(`${what} at character ${at}`);

  const whole = topLevel();
  if (at < source.length) throw unsupported("unmatched )");
  return whole;

  function topLevel(): Expression {
    const branches: Expression[] = [];
    do {
      const open = !eat("^");
      const body = branch(0, true);
      const ended = eat("$");
      if (ended && at < source.length && peek() !== "|") throw unsupported("$ before the end");
      const around = repeat(characters(anything), 0, Number.POSITIVE_INFINITY);
      branches.push(sequence(open ? around : empty, body, ended ? empty : around));
    } while (eat("|"));
    return choice(...branches);
  }

  function alternatives(depth: number): Expression {
    if (depth > mostNesting) throw unsupported("deep nesting");
    const branches = [branch(depth, false)];
    while (eat("|")) branches.push(branch(depth, false));
    return choice(...branches);
  }

  function branch(depth: number, top: boolean): Expression {
    const items: Expression[] = [];
    for (let next = peek(); next !== undefined && next !== "|" && next !== ")"; next = peek()) {
      if (next === "$" && top) break;
      if (next === "^" || next === "$") throw unsupported(`${next} inside`);
      items.push(quantified(atom(depth)));
    }
    return sequence(...items);
  }

  function atom(depth: number): Expression {
    const next = source[at++] ?? "";
    if (next === ".") return characters(complement(lineEnds));
    if (next === "[") return characters(set());
    if (next === "(") return group(depth);
    if (next === "\\") {
      const meant = escaped(false);
      return typeof meant === "string" ? text(meant) : characters(meant);
    }
    if ("*+?{".includes(next)) throw unsupported(`nothing to repeat before ${next}`);
    return text(next);
  }

  function group(depth: number): Expression {
    if (eat("?")) {
      const kind = `(?${peek()}${source[at + 1] ?? ""}`;
      if (eat("<")) {
        if (peek() === "=" || peek() === "!") throw unsupported("lookbehind");
        while (at < source.length && !eat(">")) at++;
      } else if (!eat(":")) throw unsupported(peek() === "=" || peek() === "!" ? "lookahead" : `group ${kind}`);
    }
    const inside = alternatives(depth + 1);
    if (!eat(")")) throw unsupported("missing )");
    return inside;
  }

  function quantified(item: Expression): Expression {
    let bounds: [number, number] | undefined;
    if (eat("*")) bounds = [0, Number.POSITIVE_INFINITY];
    else if (eat("+")) bounds = [1, Number.POSITIVE_INFINITY];
    else if (eat("?")) bounds = [0, 1];
    else if (peek() === "{") bounds = braces();
    if (!bounds) return item;
    eat("?"); // a lazy quantifier matches the same texts
    if (["*", "+", "?", "{"].includes(peek() ?? "")) throw unsupported("two quantifiers");
    if (bounds[1] === Number.POSITIVE_INFINITY && lengths(item)[0] === 0)
      throw unsupported("endless repetition of what may be empty");
    return repeat(item, bounds[0], bounds[1]);
  }

  function braces(): [number, number] {
    const found = /^\{(\d{1,7})(,(\d{1,7})?)?\}/.exec(source.slice(at, at + 20).join(""));
    if (!found) throw unsupported("{ without counts");
    at += found[0].length;
    const min = Number(found[1]);
    const max = found[2] === undefined ? min : found[3] === undefined ? Number.POSITIVE_INFINITY : Number(found[3]);
    if (max < min) throw unsupported("counts out of order");
    return [min, max];
  }

  /** A character, or a set for `\d` and its like. */
  function escaped(inSet: boolean): string | Range[] {
    const next = source[at++];
    if (next === undefined) throw unsupported("\\ at the end");
    const known = classes[next];
    if (known) return known;
    if (next === "b" && inSet) return "\b";
    if (next === "0" && /\d/.test(peek() ?? "")) throw unsupported("octal escape");
    const control = controls[next];
    if (control) return control;
    if (next === "x") return String.fromCodePoint(hexadecimal(2));
    if (next === "u") return String.fromCodePoint(unicode());
    if (next === "c" && /[A-Za-z]/.test(peek() ?? "")) return String.fromCodePoint((source[at++]?.codePointAt(0) ?? 0) % 32);
    if (/[1-9k]/.test(next)) throw unsupported("back reference");
    if (/[A-Za-z]/.test(next)) throw unsupported(`\\${next}`);
    return next;
  }

  function unicode(): number {
    if (eat("{")) {
      const end = source.indexOf("}", at);
      const code = Number.parseInt(source.slice(at, end).join(""), 16);
      if (end < 0 || !(code <= lastCodePoint)) throw unsupported("bad \\u{}");
      at = end + 1;
      return code;
    }
    const high = hexadecimal(4);
    if (high < 0xd800 || high > 0xdbff || source[at] !== "\\" || source[at + 1] !== "u") return high;
    at += 2;
    return 0x10000 + ((high & 0x3ff) << 10) + (hexadecimal(4) & 0x3ff);
  }

  function hexadecimal(width: number): number {
    const written = source.slice(at, at + width).join("");
    if (!new RegExp(`^[0-9A-Fa-f]{${width}}$`).test(written)) throw unsupported("bad hexadecimal escape");
    at += width;
    return Number.parseInt(written, 16);
  }

  function set(): Range[] {
    const negated = eat("^");
    const parts: Range[][] = [];
    while (!eat("]")) {
      if (at >= source.length) throw unsupported("missing ]");
      const from = member();
      if (peek() !== "-" || source[at + 1] === "]" || typeof from !== "string") {
        parts.push(typeof from === "string" ? charactersOf(from) : from);
        continue;
      }
      at++;
      const to = member();
      const [first, last] = [from.codePointAt(0) ?? 0, typeof to === "string" ? (to.codePointAt(0) ?? 0) : -1];
      if (last < first) throw unsupported("bad range in []");
      parts.push([[first, last]]);
    }
    const members = union(...parts);
    return negated ? complement(members) : members;
  }

  function member(): string | Range[] {
    const next = source[at++] ?? "";
    return next === "\\" ? escaped(true) : next;
  }
}
