/** For tests: random JSON Schemas of the kinds that become grammars, each with random values that fit it. */
import fc from "fast-check";

type Json = null | boolean | number | string | Json[] | { [key: string]: Json };
export interface Case {
  schema: Record<string, unknown>;
  /** Values that are valid, and that the grammar's reading of the schema (closed objects, full tuples) includes. */
  value: fc.Arbitrary<Json>;
}

const key = fc.oneof(
  fc.constantFrom("name", "age", "名前", 'a "b"', "items", "value", "x_1"),
  fc.string({ minLength: 1, maxLength: 4, unit: "grapheme" }),
);
const shortText = fc.string({ maxLength: 5, unit: "grapheme" }).filter((text) => text.replace(/\p{Surrogate}/gu, "") === text);

const string: fc.Arbitrary<Case> = fc.tuple(fc.nat(3), fc.nat(9)).map(([min, more]) => ({
  schema: { type: "string", minLength: min, maxLength: min + more },
  value: fc
    .array(fc.string({ minLength: 1, maxLength: 1, unit: "binary" }), { minLength: min, maxLength: min + more })
    .map((characters) => characters.join("")),
}));

const integer: fc.Arbitrary<Case> = fc
  .tuple(fc.integer({ min: -3000, max: 3000 }), fc.nat(2500), fc.constantFrom("both", "min", "max", "open"))
  .map(([from, size, kind]) => {
    const [open, to] = [kind === "open", from + size];
    if (kind === "min")
      return { schema: { type: "integer", minimum: from }, value: fc.integer({ min: from, max: from + 100_000 }) };
    if (kind === "max")
      return { schema: { type: "integer", exclusiveMaximum: to }, value: fc.integer({ min: to - 100_000, max: to - 1 }) };
    return {
      schema: open ? { type: "integer" } : { type: "integer", minimum: from, maximum: to },
      value: open ? fc.integer() : fc.integer({ min: from, max: to }),
    };
  });

const decimal = fc
  .tuple(fc.integer({ min: -40_000, max: 40_000 }), fc.constantFrom(1, 10, 100, 1000))
  .map(([digits, scale]) => digits / scale);
const number: fc.Arbitrary<Case> = fc.tuple(decimal, decimal, fc.boolean(), fc.boolean()).map(([a, b, openLow, openHigh]) => {
  const [low, high] = [Math.min(a, b), Math.max(a, b) + 0.125];
  const inside = fc.nat(1000).map((part) => Number((low + ((high - low) * part) / 1000).toFixed(4)));
  return {
    schema: {
      type: "number",
      [openLow ? "exclusiveMinimum" : "minimum"]: low,
      [openHigh ? "exclusiveMaximum" : "maximum"]: high,
    },
    value: inside.filter((value) => (openLow ? value > low : value >= low) && (openHigh ? value < high : value <= high)),
  };
});

const fixed: fc.Arbitrary<Case> = fc
  .array(fc.oneof(shortText, fc.integer(), fc.constantFrom(null, true, false)), { minLength: 1, maxLength: 6 })
  .map((values) => ({
    schema: values.length === 1 ? { const: values[0] } : { enum: values },
    value: fc.constantFrom(...values),
  }));

const patterns: fc.Arbitrary<Case> = fc
  .constantFrom("^[A-Z]{2}\\d{1,4}$", "^(?:foo|bar)+$", "^\\w{1,5}-[^a-z\\s]{2}$", "^[\\u4e00-\\u9fff]{1,3}$", '^"?[\\\\/]{0,2}$')
  .map((pattern) => ({
    schema: { type: "string", pattern, maxLength: 60 },
    value: fc
      .stringMatching(new RegExp(pattern, "u"), { maxLength: 60 })
      .filter((text) => text.replace(/\p{Surrogate}/gu, "") === text),
  }))
  .map((one) => (one.schema.pattern.includes(")+") ? { ...one, schema: { type: "string", pattern: one.schema.pattern } } : one));

const pad = (value: number, width = 2) => String(value).padStart(width, "0");
const day = fc.date({ min: new Date("0001-01-01T00:00:00Z"), max: new Date("9999-12-31T00:00:00Z"), noInvalidDate: true });
const formats: fc.Arbitrary<Case> = fc.constantFrom<Case[]>(
  { schema: { type: "string", format: "date" }, value: day.map((date) => date.toISOString().slice(0, 10)) },
  { schema: { type: "string", format: "date-time" }, value: day.map((date) => date.toISOString()) },
  {
    schema: { type: "string", format: "time" },
    value: fc.tuple(fc.nat(23), fc.nat(59)).map(([hour, minute]) => `${pad(hour)}:${pad(minute)}:00+01:00`),
  },
  { schema: { type: "string", format: "uuid" }, value: fc.uuid() },
  { schema: { type: "string", format: "ipv4" }, value: fc.ipV4() },
  {
    schema: { type: "string", format: "ipv6" },
    value: fc
      .array(fc.nat(0xffff), { minLength: 8, maxLength: 8 })
      .map((groups) => groups.map((group) => group.toString(16)).join(":")),
  },
  { schema: { type: "string", format: "email" }, value: fc.constant("someone.else+tag@mail.example.org") },
  { schema: { type: "string", format: "uri" }, value: fc.constant("https://example.org/path?query=1") },
  { schema: { type: "string", format: "hostname" }, value: fc.constant("a-b.example.org") },
);

const simple = fc.oneof(
  string,
  integer,
  number,
  fixed,
  patterns,
  formats,
  fc.constant<Case>({ schema: { type: "boolean" }, value: fc.boolean() }),
  fc.constant<Case>({ schema: { type: "null" }, value: fc.constant(null) }),
);

/** Up to `depth` levels of objects, arrays and unions. */
export function randomCase(depth = 3): fc.Arbitrary<Case> {
  if (depth === 0) return simple;
  const part = randomCase(depth - 1);
  const object = fc
    .tuple(fc.uniqueArray(fc.tuple(key, part, fc.boolean()), { maxLength: 4, selector: ([name]) => name }), fc.boolean())
    .map(([members, closed]): Case => {
      const required = members.filter(([, , needed]) => needed).map(([name]) => name);
      const schema = {
        type: "object",
        properties: Object.fromEntries(members.map(([name, one]) => [name, one.schema])),
        required,
        ...(closed || members.length === 0 ? { additionalProperties: false } : {}),
      };
      // in the order that the object keeps, where keys like "1" come first
      const order = Object.keys(schema.properties);
      const values = Object.fromEntries(members.map(([name, one]) => [name, one.value]));
      const value = fc
        .record(values, { requiredKeys: required })
        .map((found) =>
          Object.fromEntries(order.filter((name) => Object.hasOwn(found, name)).map((name) => [name, found[name] ?? null])),
        );
      return { schema, value };
    });
  const array = fc.tuple(part, fc.nat(2), fc.nat(3)).map(
    ([item, min, more]): Case => ({
      schema: { type: "array", items: item.schema, minItems: min, maxItems: min + more },
      value: fc.array(item.value, { minLength: min, maxLength: min + more }),
    }),
  );
  const tuple = fc.array(part, { minLength: 1, maxLength: 3 }).map(
    (items): Case => ({
      schema: { type: "array", prefixItems: items.map((item) => item.schema), items: false },
      value: fc.tuple(...items.map((item) => item.value)),
    }),
  );
  const union = fc.tuple(fc.array(part, { minLength: 1, maxLength: 3 }), fc.constantFrom("anyOf", "oneOf")).map(
    ([items, keyword]): Case => ({
      schema: { [keyword]: items.map((item) => item.schema) },
      value: fc.oneof(...items.map((item) => item.value)),
    }),
  );
  const map = part.map(
    (item): Case => ({
      schema: { type: "object", additionalProperties: item.schema, maxProperties: 2 },
      value: fc.dictionary(shortText, item.value, { maxKeys: 2 }).map((found) => Object.fromEntries(Object.entries(found))),
    }),
  );
  return fc.oneof({ weight: 3, arbitrary: object }, array, tuple, union, map, simple);
}
