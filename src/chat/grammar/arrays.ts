/** Arrays: of one kind of item with a count, or tuples whose places have schemas of their own. */
import { comma } from "./any-json.ts";
import { type Compiler, hintOf } from "./compiler.ts";
import { type Expression, empty, isNever, never, optional, sequence, text } from "./expression.ts";
import { below, countOf, type Keywords, listOf } from "./keywords.ts";
import { counted, define } from "./rules.ts";

/**
 * A tuple is always written in full when its bounds allow it: the specification lets every place be missing, but a
 * schema that names its places means them. Nor does anything follow them unless the schema describes what.
 */
export function compileArray(compiler: Compiler, schema: Keywords, place: string): Expression {
  const min = countOf(schema, "minItems", place) ?? 0;
  const max = countOf(schema, "maxItems", place) ?? Number.POSITIVE_INFINITY;
  const old = Array.isArray(schema.items);
  const places = listOf(schema, old ? "items" : "prefixItems", place) ?? [];
  const tuple = places.map((item, index) => compiler.value(item, below(place, old ? "items" : "prefixItems", index)));
  const further = old ? schema.additionalItems : schema.items;
  const described = further !== undefined ? further : places.length === 0 || min > places.length;
  const item = described === false ? never : compiler.value(described, below(place, old ? "additionalItems" : "items"));

  return define(compiler.rules, hintOf(place), () => {
    const written = tuple.slice(0, max);
    const [least, most] = [Math.max(0, min - written.length), max - written.length];
    const rest = written.length < tuple.length ? empty : items(compiler, item, least, most, written.length === 0, place);
    const fixed = written.flatMap((expression, index) => (index === 0 ? [expression] : [comma, expression]));
    return max < min ? never : sequence(text("["), ...fixed, rest, text("]"));
  });
}

function items(compiler: Compiler, item: Expression, min: number, max: number, first: boolean, place: string): Expression {
  if (isNever(item) || max === 0) return min > 0 ? never : empty;
  const next = define(compiler.rules, `${hintOf(place)}-next`, () => sequence(comma, item));
  compiler.limitCount("maxItems", min, max, place);
  if (!first) return counted(compiler.rules, next, min, max);
  const some = sequence(item, counted(compiler.rules, next, Math.max(0, min - 1), max - 1));
  return min === 0 ? optional(some) : some;
}
