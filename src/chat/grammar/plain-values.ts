/** Values of arguments in the styles that families share: plain text up to a tag, and Python's literals. */
import { anyValue } from "./any-json.ts";
import { charactersOf, complement, union } from "./code-points.ts";
import { characters, choice, type Expression, text } from "./expression.ts";
import { countOf } from "./keywords.ts";
import { counted } from "./rules.ts";
import { patternContent } from "./scalars.ts";
import { anyString } from "./strings.ts";
import { textWithout } from "./text-without.ts";
import type { ValueStyle } from "./tool-arguments.ts";

/** Texts stand as they are up to `end`, everything else is JSON. */
export function textStyle(end: string): ValueStyle {
  const start = [...end][0] ?? "";
  return {
    string(compiler, schema, place) {
      const content = patternContent(schema, place);
      if (content) return content;
      const min = countOf(schema, "minLength", place) ?? 0;
      const max = countOf(schema, "maxLength", place) ?? Number.POSITIVE_INFINITY;
      if (min === 0 && max === Number.POSITIVE_INFINITY) return textWithout(compiler.rules, end);
      compiler.limitCount("maxLength", min, max, place);
      return counted(compiler.rules, plainExcept(start), min, max);
    },
    fixed: (value) => (typeof value === "string" ? value : JSON.stringify(value)),
    any: ({ rules }) => textWithout(rules, end),
  };
}

/** Counted characters cannot look for a whole tag, so they leave out the one that it begins with. */
function plainExcept(start: string): Expression {
  return characters(complement(union([[0, 0x1f]], [[0xd800, 0xdfff]], charactersOf(start))));
}

/** Python's words at the top; what is nested is JSON, whose texts and numbers Python shares. */
export const pythonStyle: ValueStyle = {
  string: (compiler, schema, place) => compiler.value({ ...schema, type: "string" }, place),
  fixed: (value) => PYTHON_WORDS.get(value) ?? JSON.stringify(value),
  any: ({ rules }) => choice(anyValue(rules), anyString(rules), text("True"), text("False"), text("None")),
};

const PYTHON_WORDS = new Map<unknown, string>([
  [true, "True"],
  [false, "False"],
  [null, "None"],
]);
