/** Faults of a grammar that llama.cpp would answer with a null pointer, endless work or a broken stack. */
import { Invalid } from "../../errors.ts";
import type { Expression } from "./expression.ts";
import { parseGrammar } from "./parse.ts";
import { type Rules, references } from "./rules.ts";

const MOST_CHARACTERS = 2_000_000;
const MOST_ELEMENTS = 2_000_000;
/** llama.cpp looks for left recursion by walking every path of first rules, on its own stack. */
const MOST_FIRST_DEPTH = 1500;
const MOST_FIRST_STEPS = 1_000_000;

/** For a raw `grammar` field: returns when llama.cpp can take it, throws Invalid naming the fault when not. */
export function checkGrammar(source: string): void {
  if (source.length > MOST_CHARACTERS) throw invalid(`is longer than ${MOST_CHARACTERS} characters`);
  checkRules(parseGrammar(source));
}

/** The same for rules that are parsed or compiled already. */
function checkRules(rules: Rules): void {
  if (!rules.has("root")) throw invalid('has no rule "root"');
  let elements = 0;
  for (const [name, expression] of rules) {
    for (const used of references(expression))
      if (!rules.has(used)) throw invalid(`uses rule "${used}" in "${name}" but never defines it`);
    elements += size(expression);
    if (elements > MOST_ELEMENTS)
      throw invalid(`is too large: more than ${MOST_ELEMENTS} elements once repetitions are written out`);
  }
  const nullable = nullableRules(rules);
  for (const [name, expression] of rules)
    if (repeatsNothing(expression, nullable)) throw invalid(`repeats something that may be empty without end, in rule "${name}"`);
  checkFirsts(rules, nullable);
}

function invalid(problem: string): Invalid {
  return new Invalid(`grammar ${problem}`, { code: "invalid_grammar" });
}

/** Elements after llama.cpp has written out every count. */
function size(expression: Expression): number {
  switch (expression.kind) {
    case "text":
      return expression.text.length + 1;
    case "class":
      return expression.ranges.length * 2 + 1;
    case "sequence":
    case "choice":
      return expression.items.reduce((sum, item) => sum + size(item) + 1, 1);
    case "repeat": {
      const copies = expression.max === Number.POSITIVE_INFINITY ? expression.min + 1 : expression.max;
      return (size(expression.item) + 3) * Math.max(1, copies);
    }
    default:
      return 1;
  }
}

function nullableRules(rules: Rules): Set<string> {
  const nullable = new Set<string>();
  for (let before = -1; before < nullable.size; ) {
    before = nullable.size;
    for (const [name, expression] of rules) if (!nullable.has(name) && mayBeEmpty(expression, nullable)) nullable.add(name);
  }
  return nullable;
}

function mayBeEmpty(expression: Expression, nullable: Set<string>): boolean {
  switch (expression.kind) {
    case "text":
      return expression.text === "";
    case "rule":
      return nullable.has(expression.name);
    case "sequence":
      return expression.items.every((item) => mayBeEmpty(item, nullable));
    case "choice":
      return expression.items.some((item) => mayBeEmpty(item, nullable));
    case "repeat":
      return expression.min === 0 || mayBeEmpty(expression.item, nullable);
    default:
      return false;
  }
}

function repeatsNothing(expression: Expression, nullable: Set<string>): boolean {
  switch (expression.kind) {
    case "sequence":
    case "choice":
      return expression.items.some((item) => repeatsNothing(item, nullable));
    case "repeat": {
      const endless = expression.max === Number.POSITIVE_INFINITY;
      return (endless && mayBeEmpty(expression.item, nullable)) || repeatsNothing(expression.item, nullable);
    }
    default:
      return false;
  }
}

/** Rules that may stand first, once for every path that leads to them. */
function firsts(expression: Expression, nullable: Set<string>): string[] {
  switch (expression.kind) {
    case "rule":
      return [expression.name];
    case "sequence": {
      const open = expression.items.findIndex((item) => !mayBeEmpty(item, nullable));
      const before = open < 0 ? expression.items : expression.items.slice(0, open + 1);
      return before.flatMap((item) => firsts(item, nullable));
    }
    case "choice":
      return expression.items.flatMap((item) => firsts(item, nullable));
    case "repeat":
      return firsts(expression.item, nullable);
    default:
      return [];
  }
}

function checkFirsts(rules: Rules, nullable: Set<string>): void {
  /** How many steps a walk from each rule takes; "open" while it is under way. */
  const steps = new Map<string, number | "open">();
  for (const name of rules.keys()) walk(name, 0);

  function walk(name: string, depth: number): number {
    const known = steps.get(name);
    if (known === "open") throw invalid(`rule "${name}" begins with itself (left recursion)`);
    if (known !== undefined) return known;
    if (depth > MOST_FIRST_DEPTH) throw invalid(`nests rules too deeply, at "${name}"`);
    steps.set(name, "open");
    let total = 1;
    for (const next of firsts(rules.get(name) ?? { kind: "text", text: "" }, nullable)) total += walk(next, depth + 1);
    if (total > MOST_FIRST_STEPS) throw invalid(`has too many ways to begin rule "${name}"`);
    steps.set(name, total);
    return total;
  }
}
