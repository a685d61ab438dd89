/** What the compilers of single types need from the whole: the rules so far, and a way to compile a part. */
import type { Expression } from "./expression.ts";
import type { Rules } from "./rules.ts";

export interface Compiler {
  rules: Rules;
  /** The expression for any schema at `place` (a JSON pointer). */
  value(schema: unknown, place: string): Expression;
  /** Throws when a count is beyond what a grammar can hold. */
  limitCount(keyword: string, min: number, max: number, place: string): void;
}

/** A name for a rule from the place of its schema: `#/properties/address` gives `address`. */
export function hintOf(place: string): string {
  const words = place
    .split("/")
    .slice(1)
    .filter((word) => !/^(properties|items|prefixItems|anyOf|oneOf|allOf|\$defs|definitions|\d+)$/.test(word));
  return (
    words
      .slice(-2)
      .join("-")
      .replace(/[^A-Za-z0-9-]/g, "") || "part"
  );
}
