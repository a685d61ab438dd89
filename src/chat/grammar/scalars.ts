/** Strings and numbers with their limits, and fixed values (`enum`, `const`). */

import { Invalid } from "../../errors.ts";
import { type Compiler, hintOf } from "./compiler.ts";
import { numberBetween } from "./decimals.ts";
import { type Expression, lengths, repeat, sequence } from "./expression.ts";
import { formatPatterns, refusedFormats } from "./formats.ts";
import { countOf, isObject, type Keywords, keywordsByType, typesOf, unsupported, wrong } from "./keywords.ts";
import { equal } from "./merge.ts";
import { anyInteger, anyNumber, integerBetween } from "./numbers.ts";
import { readRegex, UnsupportedPattern } from "./regex.ts";
import { oneOfTexts, stringOf, stringOfLength } from "./strings.ts";

export function compileString(compiler: Compiler, schema: Keywords, place: string): Expression {
  const [min, max] = lengthsOf(schema, place);
  compiler.limitCount("maxLength", min, max, place);
  const content = patternContent(schema, place);
  return content ? stringOf(compiler.rules, content) : stringOfLength(compiler.rules, min, max);
}

function lengthsOf(schema: Keywords, place: string): [min: number, max: number] {
  return [countOf(schema, "minLength", place) ?? 0, countOf(schema, "maxLength", place) ?? Number.POSITIVE_INFINITY];
}

/** The characters that `pattern` or `format` let through, without quotes or escapes; undefined where there is neither. */
export function patternContent(schema: Keywords, place: string): Expression | undefined {
  const [min, max] = lengthsOf(schema, place);
  const keyword = schema.pattern !== undefined ? "pattern" : "format";
  const pattern = patternOf(schema, place);
  if (pattern === undefined) return undefined;
  try {
    const content = limited(readRegex(pattern), min, max);
    if (!content) throw unsupported(keyword, place, " together with this minLength or maxLength");
    return content;
  } catch (error) {
    if (error instanceof UnsupportedPattern)
      throw unsupported("pattern", place, ` as ${JSON.stringify(pattern)}: ${error.message}`);
    throw error;
  }
}

/** A format beside a pattern is only an annotation, as the specification has it; alone it is held. */
function patternOf(schema: Keywords, place: string): string | undefined {
  const { pattern, format } = schema;
  if (pattern !== undefined && typeof pattern !== "string") throw wrong("pattern", place, "a string");
  if (pattern !== undefined || format === undefined) return pattern;
  if (typeof format !== "string") throw wrong("format", place, "a string");
  if (refusedFormats.has(format)) throw unsupported("format", place, ` as "${format}"`);
  return formatPatterns.get(format);
}

/** `content` held to a length: as it is when it cannot break it, or with the count of its one repeated part narrowed. */
function limited(content: Expression, min: number, max: number): Expression | undefined {
  const [least, most] = lengths(content);
  if (least >= min && most <= max) return content;
  const parts = content.kind === "sequence" ? content.items : [content];
  const open = parts.filter((part) => !isFixed(part));
  const [variable] = open;
  if (open.length !== 1 || variable?.kind !== "repeat" || !isFixed(variable.item) || lengths(variable.item)[0] !== 1)
    return undefined;
  const rest = parts.reduce((sum, part) => sum + (part === variable ? 0 : lengths(part)[0]), 0);
  const narrowed = repeat(variable.item, Math.max(variable.min, min - rest), Math.min(variable.max, max - rest));
  return sequence(...parts.map((part) => (part === variable ? narrowed : part)));
}

function isFixed(part: Expression): boolean {
  const [min, max] = lengths(part);
  return min === max;
}

export function compileNumber(compiler: Compiler, schema: Keywords, place: string, whole: boolean): Expression {
  const bounds = boundsOf(schema, place);
  if (!bounds.min && !bounds.max) return whole ? anyInteger(compiler.rules) : anyNumber(compiler.rules);
  if (!whole) return numberBetween(bounds.min, bounds.max);
  const { min, max } = bounds;
  const low =
    min && Math.ceil(min.value) + Number(min.exclusive && Number.isInteger(min.value) && Number.isSafeInteger(min.value));
  const high =
    max && Math.floor(max.value) - Number(max.exclusive && Number.isInteger(max.value) && Number.isSafeInteger(max.value));
  return integerBetween(low === undefined ? undefined : BigInt(low), high === undefined ? undefined : BigInt(high));
}

interface Bounds {
  min: { value: number; exclusive: boolean } | undefined;
  max: { value: number; exclusive: boolean } | undefined;
}

/** Both forms of exclusive bounds: a number of its own, and draft 4's boolean beside `minimum`. */
function boundsOf(schema: Keywords, place: string): Bounds {
  const read = (keyword: string): number | undefined => {
    const value = schema[keyword];
    if (value === undefined || (typeof value === "boolean" && keyword.startsWith("exclusive"))) return undefined;
    if (typeof value !== "number" || !Number.isFinite(value)) throw wrong(keyword, place, "a number");
    return value;
  };
  const pick = (inclusive: number | undefined, exclusive: number | undefined, flag: boolean, sign: 1 | -1) => {
    if (inclusive === undefined && exclusive === undefined) return undefined;
    if (exclusive === undefined || (inclusive !== undefined && sign * inclusive > sign * exclusive))
      return { value: inclusive ?? 0, exclusive: flag };
    return { value: exclusive, exclusive: true };
  };
  return {
    min: pick(read("minimum"), read("exclusiveMinimum"), schema.exclusiveMinimum === true, 1),
    max: pick(read("maximum"), read("exclusiveMaximum"), schema.exclusiveMaximum === true, -1),
  };
}

/** Longest list of fixed values, as text, that is worth a grammar. */
const MOST_ENUM_TEXT = 500_000;

/** The values of `enum` and `const` that the other keywords let through, written as JSON.stringify does. */
export function compileFixed(compiler: Compiler, schema: Keywords, place: string): Expression {
  const given = "const" in schema ? [schema.const] : schema.enum;
  if (!Array.isArray(given)) throw wrong("enum", place, "an array");
  const listed =
    "const" in schema && Array.isArray(schema.enum)
      ? given.filter((one) => (schema.enum as unknown[]).some((other) => equal(one, other)))
      : given;
  const texts = new Set(listed.filter((value) => accepts(schema, value, place)).map((value) => JSON.stringify(value)));
  let size = 0;
  for (const text of texts) size += text.length;
  if (size > MOST_ENUM_TEXT)
    throw new Invalid(`JSON Schema keyword "enum" at ${place} is too long: more than ${MOST_ENUM_TEXT} characters`);
  return oneOfTexts(compiler.rules, [...texts], `${hintOf(place)}-value`);
}

/** Whether a fixed value passes the keywords beside it. What would need a full validator is refused by name. */
function accepts(schema: Keywords, value: unknown, place: string): boolean {
  const types = schema.type === undefined ? undefined : typesOf(schema, place);
  if (types && !types.some((type) => isOfType(value, type))) return false;
  const kind =
    typeof value === "number" ? "number" : typeof value === "string" ? "string" : Array.isArray(value) ? "array" : "object";
  if (typeof value === "number") {
    const { min, max } = boundsOf(schema, place);
    const above = !min || value > min.value || (value === min.value && !min.exclusive);
    return above && (!max || value < max.value || (value === max.value && !max.exclusive));
  }
  if (typeof value === "boolean" || value === null) return true;
  for (const keyword of keywordsByType[kind])
    if (schema[keyword] !== undefined && !["format", "minLength", "maxLength"].includes(keyword))
      throw unsupported(keyword, place, ' beside "enum" or "const"');
  if (typeof value !== "string") return true;
  const length = [...value].length;
  return (
    length >= (countOf(schema, "minLength", place) ?? 0) &&
    length <= (countOf(schema, "maxLength", place) ?? Number.POSITIVE_INFINITY)
  );
}

function isOfType(value: unknown, type: string): boolean {
  if (type === "integer") return Number.isInteger(value);
  if (type === "array") return Array.isArray(value);
  if (type === "null") return value === null;
  return type === "object" ? isObject(value) : typeof value === type;
}
