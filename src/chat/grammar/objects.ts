/** Objects: the declared members in their order, with every valid subset of the optional ones, then free members. */
import { colon, comma } from "./any-json.ts";
import { type Compiler, hintOf } from "./compiler.ts";
import { choice, type Expression, empty, isNever, never, optional, repeat, sequence, text } from "./expression.ts";
import { below, countOf, isObject, type Keywords, namesOf, schemasOf, unsupported, wrong } from "./keywords.ts";
import { counted, define } from "./rules.ts";
import { keyExcept } from "./strings.ts";

interface Member {
  required: boolean;
  pair: Expression;
}

/** The skipping over of optional members is a choice at every place, so there cannot be endlessly many. */
const MOST_MEMBERS = 1000;

/**
 * Without `additionalProperties` a schema that declares members gets those and no others: the specification would allow
 * more, but nobody who lists fields wants a model to invent some.
 */
export function compileObject(compiler: Compiler, schema: Keywords, place: string): Expression {
  const properties = schemasOf(schema, "properties", place);
  const required = namesOf(schema, "required", place);
  const declared = Object.keys(properties);
  const extra = schema.additionalProperties;
  if (extra !== undefined && typeof extra !== "boolean" && !isObject(extra))
    throw wrong("additionalProperties", place, "a boolean or a schema");
  const unnamed = required.filter((name) => !Object.hasOwn(properties, name));
  if (declared.length + unnamed.length > MOST_MEMBERS)
    throw unsupported("properties", place, ` with more than ${MOST_MEMBERS} members`);

  const free = extra === undefined ? declared.length === 0 : extra !== false;
  const value = (name: string) =>
    Object.hasOwn(properties, name)
      ? compiler.value(properties[name], below(place, "properties", name))
      : compiler.value(extra ?? true, below(place, "additionalProperties"));
  const members = [...declared, ...unnamed].map((name): Member => {
    const found = value(name);
    return {
      required: required.includes(name),
      pair: isNever(found) ? never : sequence(text(JSON.stringify(name)), colon, found),
    };
  });
  const pair = free ? freePair(compiler, schema, place, [...declared, ...unnamed]) : never;
  const limits = limitsOf(schema, place, members, free);
  return define(compiler.rules, hintOf(place), () =>
    sequence(text("{"), body(compiler, members, pair, limits, place), text("}")),
  );
}

function freePair(compiler: Compiler, schema: Keywords, place: string, taken: string[]): Expression {
  const value = compiler.value(schema.additionalProperties ?? true, below(place, "additionalProperties"));
  return define(compiler.rules, `${hintOf(place)}-pair`, () => sequence(keyOf(compiler, schema, place, taken), colon, value));
}

function keyOf(compiler: Compiler, schema: Keywords, place: string, taken: string[]): Expression {
  const names = schema.propertyNames;
  const anyName = names === undefined || names === true || (isObject(names) && Object.keys(names).every((key) => key === "type"));
  if (anyName) return keyExcept(compiler.rules, taken, hintOf(place));
  if (taken.length > 0) throw unsupported("propertyNames", place, " beside declared properties");
  return compiler.value({ allOf: [{ type: "string" }, names] }, below(place, "propertyNames"));
}

interface Limits {
  mayBeEmpty: boolean;
  min: number;
  max: number;
}

/** Counting which subset has how many members would need a rule per count, so only what needs no counting is held. */
function limitsOf(schema: Keywords, place: string, members: Member[], free: boolean): Limits {
  const min = countOf(schema, "minProperties", place) ?? 0;
  const max = countOf(schema, "maxProperties", place) ?? Number.POSITIVE_INFINITY;
  const needed = members.filter((member) => member.required).length;
  if (min > Math.max(1, needed)) throw unsupported("minProperties", place, " beyond the required properties");
  if (max < members.length || (max < Number.POSITIVE_INFINITY && free && members.length > 0))
    throw unsupported("maxProperties", place, " below what the properties allow");
  return { mayBeEmpty: min === 0, min, max };
}

/**
 * `started` says whether a member stands before, so that the comma is known. Where members before are all optional both
 * cases occur, and what follows becomes a rule so that it is written once.
 */
function body(compiler: Compiler, members: Member[], pair: Expression, limits: Limits, place: string): Expression {
  const { rules } = compiler;
  const more = repeat(sequence(comma, pair), 0, Number.POSITIVE_INFINITY);
  if (members.length === 0) {
    const next = define(rules, `${hintOf(place)}-next`, () => sequence(comma, pair));
    const some = sequence(pair, counted(rules, next, 0, limits.max - 1));
    return limits.max === 0 ? empty : limits.mayBeEmpty ? optional(some) : some;
  }
  const firstNeeded = members.findIndex((member) => member.required);
  const both = firstNeeded < 0 ? members.length : firstNeeded;
  let afterOther = isNever(pair) ? empty : more;
  let atStart: Expression = isNever(pair) ? empty : optional(sequence(pair, more));
  if (!limits.mayBeEmpty) atStart = isNever(pair) ? never : sequence(pair, more);
  for (let index = members.length - 1; index >= 0; index--) {
    const member = members[index];
    if (!member) continue;
    const rest = afterOther;
    if (index <= both) {
      const first = sequence(member.pair, rest);
      const later = atStart;
      atStart = member.required
        ? first
        : isNever(later)
          ? first
          : define(rules, `${hintOf(place)}-start`, () => choice(first, later));
    }
    const next = sequence(comma, member.pair);
    const written = sequence(member.required ? next : optional(next), rest);
    afterOther = index > 0 && index <= both ? define(rules, `${hintOf(place)}-rest`, () => written) : written;
  }
  return atStart;
}
