/** Reads GBNF with the same rules as llama.cpp's parser, so that a fault is a sentence here and not a null pointer there. */
import { Invalid } from "../../errors.ts";
import { complement, lastCodePoint, type Range, union } from "./code-points.ts";
import { characters, choice, type Expression, sequence } from "./expression.ts";
import type { Rules } from "./rules.ts";

/** llama.cpp's own limit on counts; above it, it would drop the bound or refuse. */
const MOST_REPEATED = 2000;
const MOST_NESTING = 100;

/** The rules of a grammar. Throws Invalid with the line of the first fault. */
export function parseGrammar(source: string): Rules {
  const rules: Rules = new Map();
  /** Every name so far, and a count of the unnamed rules that brackets and repetitions become. */
  const names = new Set<string>();
  let unnamed = 0;
  let at = 0;

  const fault = (problem: string) =>
    new Invalid(`grammar, line ${source.slice(0, at).split("\n").length}: ${problem}`, { code: "invalid_grammar" });
  const nul = source.indexOf("\0");
  if (nul >= 0) {
    at = nul;
    throw fault("a NUL character");
  }
  /** `pattern` is sticky: it matches here or not at all. */
  const take = (pattern: RegExp): string | undefined => {
    pattern.lastIndex = at;
    const found = pattern.exec(source)?.[0];
    at += found?.length ?? 0;
    return found;
  };
  const space = (newlines: boolean) => take(newlines ? /(?:[ \t\r\n]|#[^\r\n]*)*/y : /(?:[ \t]|#[^\r\n]*)*/y);
  const seen = () => (at < source.length ? JSON.stringify(source.slice(at, at + 12)) : "the end");

  space(true);
  while (at < source.length) rule();
  return rules;

  function rule(): void {
    const name = take(/[A-Za-z0-9-]+/y);
    if (!name) throw fault(`expected the name of a rule (letters, digits, -) but found ${seen()}`);
    if (rules.has(name)) throw fault(`rule "${name}" is defined twice`);
    names.add(name);
    space(false);
    if (!take(/::=/y)) throw fault(`expected ::= after "${name}" but found ${seen()}`);
    space(true);
    rules.set(name, alternates(0));
    if (at < source.length && !take(/\r\n|\r|\n/y)) throw fault(`expected the end of rule "${name}" but found ${seen()}`);
    space(true);
  }

  function alternates(depth: number): Expression {
    if (depth > MOST_NESTING) throw fault(`brackets deeper than ${MOST_NESTING}`);
    const all = [items(depth)];
    while (take(/\|/y)) {
      space(true);
      all.push(items(depth));
    }
    return choice(...all);
  }

  function items(depth: number): Expression {
    const found: Expression[] = [];
    /** How many rules the item before has become: llama.cpp limits this times its count. */
    let cost = 1;
    for (;;) {
      const before = names.size + unnamed;
      const item = single(depth);
      if (item) {
        found.push(item.expression);
        cost = item.bracket ? Math.max(1, names.size + unnamed - before) : 1;
        space(depth > 0);
        continue;
      }
      const bounds = quantifier(depth > 0);
      if (!bounds) return sequence(...found);
      const last = found.pop();
      if (!last) throw fault("nothing to repeat");
      const count = bounds[1] === Number.POSITIVE_INFINITY ? Math.max(1, bounds[0]) : Math.max(1, bounds[1]);
      if (cost * count >= MOST_REPEATED)
        throw fault(`a repetition is too large: the count times the rules inside must stay below ${MOST_REPEATED}`);
      cost *= count;
      unnamed += bounds[1] === Number.POSITIVE_INFINITY ? 1 : bounds[1] - bounds[0];
      // kept as written, not simplified: the checks that follow are about what llama.cpp will see
      found.push({ kind: "repeat", item: last, min: bounds[0], max: bounds[1] });
    }
  }

  function single(depth: number): { expression: Expression; bracket?: boolean } | undefined {
    if (take(/"/y)) {
      let value = "";
      while (!take(/"/y)) value += String.fromCodePoint(character("a closing quote"));
      return { expression: { kind: "text", text: value } };
    }
    if (take(/\[/y)) return { expression: characters(set()) };
    if (take(/\./y)) return { expression: characters([[0, lastCodePoint]]) };
    const token = take(/!?<(?:\[\d{1,9}\]|[^>\r\n[][^>\r\n]*)>/y);
    if (token) return { expression: { kind: "token", source: token } };
    const name = take(/[A-Za-z0-9-]+/y);
    if (name) {
      names.add(name);
      return { expression: { kind: "rule", name } };
    }
    if (!take(/\(/y)) return undefined;
    unnamed++;
    space(true);
    const inside = alternates(depth + 1);
    if (!take(/\)/y)) throw fault(`expected ) but found ${seen()}`);
    return { expression: inside, bracket: true };
  }

  function quantifier(nested: boolean): [number, number] | undefined {
    const sign = take(/[*+?]/y);
    if (sign) {
      space(nested);
      return sign === "*" ? [0, Number.POSITIVE_INFINITY] : sign === "+" ? [1, Number.POSITIVE_INFINITY] : [0, 1];
    }
    if (!take(/\{/y)) return undefined;
    space(nested);
    const min = number();
    space(nested);
    let max = min;
    if (take(/,/y)) {
      space(nested);
      max = /[0-9]/.test(source[at] ?? "") ? number() : Number.POSITIVE_INFINITY;
      space(nested);
    }
    if (!take(/\}/y)) throw fault(`expected } but found ${seen()}`);
    if (max < min) throw fault(`{${min},${max}} counts down`);
    space(nested);
    return [min, max];
  }

  function number(): number {
    const digits = take(/[0-9]+/y);
    if (!digits) throw fault(`expected a count but found ${seen()}`);
    if (digits.length > 9) throw fault(`the count ${digits.slice(0, 20)} is too large`);
    return Number(digits);
  }

  function character(missing: string): number {
    const code = source.codePointAt(at);
    if (code === undefined) throw fault(`expected ${missing} before the end`);
    if (code !== 0x5c) {
      at += code > 0xffff ? 2 : 1;
      return code;
    }
    const numeric = take(/\\x[0-9A-Fa-f]{2}|\\u[0-9A-Fa-f]{4}|\\U[0-9A-Fa-f]{8}/y);
    if (numeric) {
      const value = Number.parseInt(numeric.slice(2), 16);
      if (value > lastCodePoint) throw fault(`${numeric} is no character`);
      return value;
    }
    const plain = take(/\\[trn\\"[\]-]/y);
    if (!plain) throw fault(`unknown escape ${JSON.stringify(source.slice(at, at + 2))}`);
    return { t: 9, r: 13, n: 10 }[plain.slice(1)] ?? plain.charCodeAt(1);
  }

  function set(): Range[] {
    const negated = take(/\^/y) !== undefined;
    const ranges: Range[] = [];
    while (!take(/\]/y)) {
      const first = character("a closing ]");
      const isRange = source[at] === "-" && source[at + 1] !== "]";
      if (isRange) at++;
      const last = isRange ? character("a closing ]") : first;
      if (last < first) throw fault("a range in [] counts down");
      ranges.push([first, last]);
    }
    // an empty set would leave llama.cpp's rule with nothing in it, which matches the empty text
    if (ranges.length === 0) throw fault("an empty [] matches nothing");
    return negated ? complement(ranges) : union(ranges);
  }
}
