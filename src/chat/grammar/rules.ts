/** A grammar under construction: named rules, fresh names, and the last tidying before it is written. */
import { choice, type Expression, empty, isNever, never, repeat, sequence } from "./expression.ts";

export type Rules = Map<string, Expression>;

/** Names that `share` gives; `define` keeps off them, since its hints come from whoever wrote the schema. */
const shared = new Set([
  "root",
  "char",
  "string",
  "integer",
  "number",
  "boolean",
  "value",
  "object",
  "array",
  "pair",
  "gap",
  "key-rest",
  "gemma-value",
  "gemma-pair",
]);
type SharedName =
  | "char"
  | "string"
  | "integer"
  | "number"
  | "boolean"
  | "value"
  | "object"
  | "array"
  | "pair"
  | "gap"
  | "key-rest"
  | "gemma-value"
  | "gemma-pair";

/**
 * Adds a rule under a fresh name near `hint` and returns a reference to it. The name exists before `make` runs, so a
 * rule may refer to itself.
 */
export function define(rules: Rules, hint: string, make: (self: Expression) => Expression): Expression {
  const base =
    hint
      .replace(/[^A-Za-z0-9]+/g, "-")
      .replace(/^-+|-+$/g, "")
      .slice(0, 40) || "rule";
  let name = shared.has(base) ? `${base}-1` : base;
  for (let count = 2; rules.has(name); count++) name = `${base}-${count}`;
  rules.set(name, empty);
  const self: Expression = { kind: "rule", name };
  rules.set(name, make(self));
  return self;
}

/** As `define`, once: later calls with the same name return the same rule. */
export function share(rules: Rules, name: SharedName, make: (self: Expression) => Expression): Expression {
  return once(rules, name, make);
}

function once(rules: Rules, name: string, make: (self: Expression) => Expression): Expression {
  const self: Expression = { kind: "rule", name };
  if (!rules.has(name)) {
    rules.set(name, empty);
    rules.set(name, make(self));
  }
  return self;
}

/** llama.cpp refuses a repetition of 2,000 and silently drops bounds above it. */
const BLOCK = 500;
const INLINE = 16;
/** Longest counted repetition that a grammar of sane size can hold. */
export const longestRepetition = 500_000;

/**
 * Exactly `min` to `max` times, in a size that grows with the square root: long counts are written as blocks of 500.
 * `max` may be Infinity.
 */
export function counted(rules: Rules, item: Expression, min: number, max: number): Expression {
  if (max < min) return never;
  if (isNever(item)) return min === 0 ? empty : never;
  const bounded = max === Number.POSITIVE_INFINITY ? min : max;
  const simple = item.kind === "rule" || item.kind === "class";
  // llama.cpp multiplies a count by the rules inside the brackets it repeats, so what is counted gets a name instead
  const unit = simple || bounded <= 1 ? item : define(rules, "item", () => item);
  if (bounded <= INLINE) return repeat(unit, min, max);
  // for the same reason a long count stands in a rule of its own, never inside somebody's brackets
  return define(rules, unit.kind === "rule" ? `${unit.name}-times` : "times", () => blocks(rules, unit, min, max));
}

function blocks(rules: Rules, unit: Expression, min: number, max: number): Expression {
  if ((max === Number.POSITIVE_INFINITY ? min : max) <= BLOCK) return repeat(unit, min, max);
  const name = unit.kind === "rule" ? unit.name : "";
  const make = () => repeat(unit, BLOCK, BLOCK);
  // two dashes: no name from `define` has them
  const block = name ? once(rules, `${name}--block`, make) : define(rules, "block", make);
  const exactly = sequence(
    repeat(block, Math.floor(min / BLOCK), Math.floor(min / BLOCK)),
    repeat(unit, min % BLOCK, min % BLOCK),
  );
  if (max === Number.POSITIVE_INFINITY) return sequence(exactly, repeat(unit, 0, max));
  const [whole, rest] = [Math.floor((max - min) / BLOCK), (max - min) % BLOCK];
  if (whole === 0) return sequence(exactly, repeat(unit, 0, rest));
  const upTo = choice(
    sequence(repeat(block, 0, whole - 1), repeat(unit, 0, BLOCK - 1)),
    sequence(repeat(block, whole, whole), repeat(unit, 0, rest)),
  );
  return sequence(exactly, upTo);
}

/**
 * Drops every alternative that could never come to an end (a required member of its own type, say) and every rule that
 * is not reached from `root`. False when nothing is left of `root`.
 */
export function prune(rules: Rules): boolean {
  const finite = finiteRules(rules);
  if (!finite.has("root")) return false;
  for (const [name, expression] of rules) rules.set(name, finite.has(name) ? keep(expression, finite) : never);
  const reached = new Set(["root"]);
  for (const name of reached) for (const other of references(rules.get(name) ?? empty)) reached.add(other);
  for (const name of [...rules.keys()]) if (!reached.has(name)) rules.delete(name);
  return true;
}

/** Names of the rules an expression mentions. */
export function references(expression: Expression): string[] {
  switch (expression.kind) {
    case "rule":
      return [expression.name];
    case "sequence":
    case "choice":
      return expression.items.flatMap(references);
    case "repeat":
      return references(expression.item);
    default:
      return [];
  }
}

/** The rules that match at least one finite text. Works upwards from the rules that need no other. */
function finiteRules(rules: Rules): Set<string> {
  const users = new Map<string, string[]>();
  for (const [name, expression] of rules)
    for (const used of new Set(references(expression))) {
      const list = users.get(used);
      if (list) list.push(name);
      else users.set(used, [name]);
    }
  const finite = new Set<string>();
  const waiting = [...rules.keys()];
  for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
    if (finite.has(name) || !canEnd(rules.get(name) ?? never, finite)) continue;
    finite.add(name);
    waiting.push(...(users.get(name) ?? []));
  }
  return finite;
}

function canEnd(expression: Expression, finite: Set<string>): boolean {
  switch (expression.kind) {
    case "rule":
      return finite.has(expression.name);
    case "sequence":
      return expression.items.every((item) => canEnd(item, finite));
    case "choice":
      return expression.items.some((item) => canEnd(item, finite));
    case "repeat":
      return expression.min === 0 || canEnd(expression.item, finite);
    default:
      return true;
  }
}

function keep(expression: Expression, finite: Set<string>): Expression {
  switch (expression.kind) {
    case "rule":
      return finite.has(expression.name) ? expression : never;
    case "sequence":
      return sequence(...expression.items.map((item) => keep(item, finite)));
    case "choice":
      return choice(...expression.items.map((item) => keep(item, finite)));
    case "repeat":
      return repeat(keep(expression.item, finite), expression.min, expression.max);
    default:
      return expression;
  }
}
