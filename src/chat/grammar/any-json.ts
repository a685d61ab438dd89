/**
 * JSON of any shape, in one of two hands.
 *
 * `compact` is what schemas compile to: no space inside brackets, and one optional space after a colon or comma. Models
 * are trained on both `{"a":1}` and `{"a": 1}`, and each tokenises differently (`":` `1` against `":` ` 1`): forcing
 * one of them would push a model off the tokens it knows, while everything else between two values is fixed and needs
 * no choice. `loose`, for format "json" where no keys are known, also lets a model break lines and indent, which is how
 * many write JSON unasked. In both the whitespace is bounded, so that no model can go on with it for ever.
 */
import { charactersOf } from "./code-points.ts";
import { characters, choice, type Expression, optional, repeat, sequence, text } from "./expression.ts";
import { anyNumber } from "./numbers.ts";
import { type Rules, share } from "./rules.ts";
import { anyString } from "./strings.ts";

const space = optional(text(" "));
export const colon = sequence(text(":"), space);
export const comma = sequence(text(","), space);

export function anyBoolean(rules: Rules): Expression {
  return share(rules, "boolean", () => choice(text("true"), text("false")));
}

export function anyValue(rules: Rules): Expression {
  return share(rules, "value", () => anyOfThese(rules, anyObject(rules), anyArray(rules)));
}

export function anyObject(rules: Rules): Expression {
  return share(rules, "object", () => {
    const pair = share(rules, "pair", () => sequence(anyString(rules), colon, anyValue(rules)));
    return sequence(text("{"), listOf(pair, comma), text("}"));
  });
}

export function anyArray(rules: Rules): Expression {
  return share(rules, "array", () => sequence(text("["), listOf(anyValue(rules), comma), text("]")));
}

/** The rules for format "json": an object at the top, line breaks and up to 20 spaces of indentation allowed. */
export function looseObject(rules: Rules): Expression {
  const gap = share(rules, "gap", () =>
    optional(choice(text(" "), sequence(text("\n"), repeat(characters(charactersOf(" \t")), 0, 20)))),
  );
  const value = share(rules, "value", () => {
    const array = share(rules, "array", () =>
      sequence(text("["), gap, listOf(sequence({ kind: "rule", name: "value" }, gap), sequence(text(","), gap)), text("]")),
    );
    return anyOfThese(rules, { kind: "rule", name: "object" }, array);
  });
  return share(rules, "object", () => {
    const pair = share(rules, "pair", () => sequence(anyString(rules), gap, text(":"), gap, value, gap));
    return sequence(text("{"), gap, listOf(pair, sequence(text(","), gap)), text("}"));
  });
}

function anyOfThese(rules: Rules, object: Expression, array: Expression): Expression {
  return choice(object, array, anyString(rules), anyNumber(rules), anyBoolean(rules), text("null"));
}

function listOf(item: Expression, separator: Expression): Expression {
  return optional(sequence(item, repeat(sequence(separator, item), 0, Number.POSITIVE_INFINITY)));
}
