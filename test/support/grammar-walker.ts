/** For tests: random texts of a grammar, so that what it allows can be checked without a model. */
import type { Expression } from "../../src/chat/grammar/expression.ts";
import { parseGrammar } from "../../src/chat/grammar/parse.ts";

/** A text that `root` of the grammar derives. `random` gives numbers in [0, 1); past `budget` choices the shortest way is taken. */
export function randomText(grammar: string, random: () => number, budget = 400): string {
  const rules = parseGrammar(grammar);
  const heights = heightsOf(rules);
  let text = "";
  let left = budget;
  walk({ kind: "rule", name: "root" });
  return text;

  function walk(expression: Expression): void {
    left--;
    switch (expression.kind) {
      case "text":
        text += expression.text;
        return;
      case "class":
        text += character(expression.ranges);
        return;
      case "rule":
        walk(rules.get(expression.name) ?? { kind: "text", text: "" });
        return;
      case "sequence":
        for (const item of expression.items) walk(item);
        return;
      case "choice": {
        const items = left > 0 ? expression.items : [...expression.items].sort((a, b) => height(a) - height(b)).slice(0, 1);
        const item = items[Math.floor(random() * items.length)];
        if (item) walk(item);
        return;
      }
      case "repeat": {
        const most = Math.min(expression.max, expression.min + 6);
        const count = left > 0 ? expression.min + Math.floor(random() * (most - expression.min + 1)) : expression.min;
        for (let index = 0; index < count; index++) walk(expression.item);
        return;
      }
    }
  }

  function character(ranges: [number, number][]): string {
    const [first, last] = ranges[Math.floor(random() * ranges.length)] ?? [48, 48];
    const code = first + Math.floor(random() * (last - first + 1));
    return code >= 0xd800 && code <= 0xdfff ? "x" : String.fromCodePoint(code);
  }

  function height(expression: Expression): number {
    return heightIn(expression, heights);
  }
}

/** How many rules deep the shallowest text of each rule is: the way out of recursion. */
function heightsOf(rules: Map<string, Expression>): Map<string, number> {
  const heights = new Map<string, number>();
  for (let changed = true; changed; ) {
    changed = false;
    for (const [name, expression] of rules) {
      const found = heightIn(expression, heights) + 1;
      if (found < (heights.get(name) ?? Number.POSITIVE_INFINITY)) {
        heights.set(name, found);
        changed = true;
      }
    }
  }
  return heights;
}

function heightIn(expression: Expression, heights: Map<string, number>): number {
  switch (expression.kind) {
    case "rule":
      return heights.get(expression.name) ?? Number.POSITIVE_INFINITY;
    case "sequence":
      return Math.max(0, ...expression.items.map((item) => heightIn(item, heights)));
    case "choice":
      return Math.min(...expression.items.map((item) => heightIn(item, heights)));
    case "repeat":
      return expression.min === 0 ? 0 : heightIn(expression.item, heights);
    default:
      return 0;
  }
}
