/** JSON Schema keywords: which are refused, which say nothing about a value, and reading the others' arguments. */
import { Invalid } from "../../errors.ts";

/** A schema as parsed from JSON. Numbers, texts and lists inside are checked where they are read. */
export type Keywords = Readonly<Record<string, unknown>>;

/** Assertions that a grammar of this kind cannot hold. Refused by name, since ignoring them would break the promise. */
const refused = new Set([
  "not",
  "if",
  "contains",
  "minContains",
  "maxContains",
  "patternProperties",
  "dependentRequired",
  "dependentSchemas",
  "dependencies",
  "unevaluatedItems",
  "multipleOf",
  "divisibleBy",
  "$dynamicRef",
  "$recursiveRef",
]);

/** Keywords that bear on one type of value only. Everything not here and not combined elsewhere is an annotation. */
export const keywordsByType = {
  object: ["properties", "required", "additionalProperties", "propertyNames", "minProperties", "maxProperties"],
  array: ["items", "prefixItems", "additionalItems", "minItems", "maxItems"],
  string: ["minLength", "maxLength", "pattern", "format"],
  number: ["minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"],
} as const;

export const assertions: ReadonlySet<string> = new Set(["type", "enum", "const", ...Object.values(keywordsByType).flat()]);

export function isObject(value: unknown): value is Keywords {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Throws for the first keyword that cannot be held. `place` is a JSON pointer such as `#/properties/x`. */
export function refuseUnsupported(schema: Keywords, place: string): void {
  for (const keyword of Object.keys(schema))
    if (refused.has(keyword) && !harmless(schema, keyword)) throw unsupported(keyword, place);
  if (schema.uniqueItems === true) throw unsupported("uniqueItems", place);
  if (schema.unevaluatedProperties !== undefined && schema.unevaluatedProperties !== false)
    throw unsupported("unevaluatedProperties", place);
}

/** Every integer is a multiple of 1. */
function harmless(schema: Keywords, keyword: string): boolean {
  return keyword === "multipleOf" && schema.multipleOf === 1 && schema.type === "integer";
}

export function unsupported(keyword: string, place: string, more = ""): Invalid {
  return new Invalid(`JSON Schema keyword "${keyword}" at ${place} is not supported${more}`);
}

export function wrong(keyword: string, place: string, must: string): Invalid {
  return new Invalid(`JSON Schema keyword "${keyword}" at ${place} must be ${must}`);
}

/** A count such as `minItems`; undefined when absent. */
export function countOf(schema: Keywords, keyword: string, place: string): number | undefined {
  const value = schema[keyword];
  if (value === undefined) return undefined;
  if (typeof value !== "number" || !Number.isInteger(value) || value < 0)
    throw wrong(keyword, place, "a whole number, 0 or more");
  return value;
}

export function listOf(schema: Keywords, keyword: string, place: string): readonly unknown[] | undefined {
  const value = schema[keyword];
  if (value === undefined) return undefined;
  if (!Array.isArray(value)) throw wrong(keyword, place, "an array");
  return value;
}

export function schemasOf(schema: Keywords, keyword: string, place: string): Keywords {
  const value = schema[keyword] ?? {};
  if (!isObject(value)) throw wrong(keyword, place, "an object of schemas");
  return value;
}

export function namesOf(schema: Keywords, keyword: string, place: string): string[] {
  const list = listOf(schema, keyword, place) ?? [];
  return list.map((name) => {
    if (typeof name !== "string") throw wrong(keyword, place, "an array of strings");
    return name;
  });
}

const types = ["object", "array", "string", "integer", "number", "boolean", "null"] as const;
export type JsonType = (typeof types)[number];

/** The types a schema allows: as it says, or as its other keywords imply; undefined when nothing does. */
export function typesOf(schema: Keywords, place: string): JsonType[] | undefined {
  const value = schema.type;
  if (value === undefined) {
    const implied = (["object", "array", "string", "number"] as const).filter((type) =>
      keywordsByType[type].some((keyword) => schema[keyword] !== undefined && keyword !== "format"),
    );
    if (implied.length === 0 && schema.format !== undefined) implied.push("string");
    return implied.length > 0 ? implied : undefined;
  }
  const list = (Array.isArray(value) ? value : [value]).map((name) => {
    const known = types.find((type) => type === name);
    if (!known) throw new Invalid(`JSON Schema type ${JSON.stringify(name)} at ${place} is unknown`);
    return known;
  });
  return list.includes("number") ? list.filter((type) => type !== "integer") : list;
}

/** The next step of a JSON pointer. */
export function below(place: string, ...steps: (string | number)[]): string {
  return [place, ...steps.map((step) => String(step).replaceAll("~", "~0").replaceAll("/", "~1"))].join("/");
}
