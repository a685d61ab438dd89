/** For tests: whether a grammar accepts a text, by following every path at once. Slow and plain on purpose. */
import type { Expression } from "../../src/chat/grammar/expression.ts";
import { parseGrammar } from "../../src/chat/grammar/parse.ts";

/** A matcher for the rule `root` of a GBNF text. */
export function matcherOf(grammar: string): (text: string) => boolean {
  const rules = parseGrammar(grammar);
  return (text) => {
    const characters = Array.from(text, (character) => character.codePointAt(0) ?? 0);
    const known = new Map<Expression, Map<number, Set<number>>>();

    /** Every place where `expression` may end when it starts at `from`. */
    function ends(expression: Expression, from: number): Set<number> {
      if (expression.kind === "class") {
        const code = characters[from];
        const inside = code !== undefined && expression.ranges.some(([first, last]) => first <= code && code <= last);
        return new Set(inside ? [from + 1] : []);
      }
      if (expression.kind === "text") {
        const wanted = Array.from(expression.text, (character) => character.codePointAt(0) ?? 0);
        return new Set(wanted.every((code, index) => characters[from + index] === code) ? [from + wanted.length] : []);
      }
      const memo = known.get(expression) ?? new Map<number, Set<number>>();
      known.set(expression, memo);
      const before = memo.get(from);
      if (before) return before;
      const found = find(expression, from);
      memo.set(from, found);
      return found;
    }

    function find(expression: Expression, from: number): Set<number> {
      switch (expression.kind) {
        case "rule": {
          const target = rules.get(expression.name);
          if (!target) throw new Error(`no rule ${expression.name}`);
          return ends(target, from);
        }
        case "sequence":
          return expression.items.reduce((places, item) => step(places, item), new Set([from]));
        case "choice":
          return new Set(expression.items.flatMap((item) => [...ends(item, from)]));
        case "repeat": {
          let places = new Set([from]);
          for (let count = 0; count < expression.min; count++) places = step(places, expression.item);
          const all = new Set(places);
          for (let count = expression.min; count < expression.max && places.size > 0; count++) {
            places = new Set([...step(places, expression.item)].filter((place) => !all.has(place)));
            for (const place of places) all.add(place);
          }
          return all;
        }
        default:
          throw new Error(`cannot match ${expression.kind}`);
      }
    }

    function step(places: Set<number>, item: Expression): Set<number> {
      return new Set([...places].flatMap((place) => [...ends(item, place)]));
    }

    return ends({ kind: "rule", name: "root" }, 0).has(characters.length);
  };
}
