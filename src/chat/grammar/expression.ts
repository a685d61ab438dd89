/** What a grammar is made of: texts, character classes, rule names, and ways to put them together. */
import type { Range } from "./code-points.ts";

export type Expression =
  | { kind: "text"; text: string }
  | { kind: "class"; ranges: Range[] }
  | { kind: "rule"; name: string }
  /** One token of the vocabulary, as GBNF writes it: `<think>`, `<[1000]>`, `!<[2]>`. Only raw grammars have these. */
  | { kind: "token"; source: string }
  | { kind: "sequence"; items: Expression[] }
  /** Without items it matches nothing at all. */
  | { kind: "choice"; items: Expression[] }
  /** `max` may be Infinity. */
  | { kind: "repeat"; item: Expression; min: number; max: number };

export const empty: Expression = { kind: "sequence", items: [] };
export const never: Expression = { kind: "choice", items: [] };

export function text(value: string): Expression {
  return value === "" ? empty : { kind: "text", text: value };
}

export function characters(ranges: Range[]): Expression {
  return ranges.length === 0 ? never : { kind: "class", ranges };
}

export function isEmpty(expression: Expression): boolean {
  return expression.kind === "sequence" && expression.items.length === 0;
}

export function isNever(expression: Expression): boolean {
  return expression.kind === "choice" && expression.items.length === 0;
}

/** One after the other. Neighbouring texts become one, and nothing possible anywhere makes the whole impossible. */
export function sequence(...parts: Expression[]): Expression {
  const items: Expression[] = [];
  for (const part of parts.flatMap((item) => (item.kind === "sequence" ? item.items : [item]))) {
    if (isNever(part)) return never;
    const last = items.at(-1);
    if (last?.kind === "text" && part.kind === "text") items[items.length - 1] = text(last.text + part.text);
    else items.push(part);
  }
  return items.length === 1 && items[0] ? items[0] : { kind: "sequence", items };
}

/** Any one of them. An empty alternative makes the choice optional. */
export function choice(...parts: Expression[]): Expression {
  const flat = parts.flatMap((item) => (item.kind === "choice" ? item.items : [item]));
  const items = flat.filter((item) => !isEmpty(item));
  const whole: Expression = items.length === 1 && items[0] ? items[0] : { kind: "choice", items };
  return items.length === flat.length ? whole : optional(whole);
}

export function repeat(item: Expression, min: number, max: number): Expression {
  if (max < min) return never;
  if (isNever(item)) return min === 0 ? empty : never;
  if (max === 0 || isEmpty(item)) return empty;
  if (min === 1 && max === 1) return item;
  return { kind: "repeat", item, min, max };
}

export function optional(item: Expression): Expression {
  return repeat(item, 0, 1);
}

/** Fewest and most characters it can match, for expressions without rules. */
export function lengths(expression: Expression): [min: number, max: number] {
  switch (expression.kind) {
    case "text": {
      const length = [...expression.text].length;
      return [length, length];
    }
    case "class":
      return [1, 1];
    case "sequence":
      return expression.items.map(lengths).reduce<[number, number]>(([min, max], [low, high]) => [min + low, max + high], [0, 0]);
    case "choice": {
      const all = expression.items.map(lengths);
      return [Math.min(...all.map(([min]) => min)), Math.max(...all.map(([, max]) => max))];
    }
    case "repeat": {
      const [min, max] = lengths(expression.item);
      return [min * expression.min, max === 0 ? 0 : max * expression.max];
    }
    default:
      return [0, Number.POSITIVE_INFINITY];
  }
}
