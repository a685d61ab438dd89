/** For tests: a small JSON Schema validator, written apart from the compiler so that both cannot share a mistake. */

type Json = null | boolean | number | string | Json[] | { [key: string]: Json };
type Schema = boolean | { [key: string]: unknown };

/** Undefined when `value` is valid, else where and why not. */
export function faultOf(value: Json, schema: Schema, root: Schema = schema, at = "$"): string | undefined {
  if (schema === true) return undefined;
  if (schema === false) return `${at}: nothing is allowed`;
  const s = schema as Record<string, never>;
  const fail = (why: string) => `${at}: ${why} (${JSON.stringify(value)?.slice(0, 80)})`;
  if (s.$ref !== undefined) {
    const target = String(s.$ref)
      .split("/")
      .slice(1)
      .reduce<unknown>(
        (node, key) => (node as Record<string, unknown>)[decodeURIComponent(key).replaceAll("~1", "/").replaceAll("~0", "~")],
        root,
      );
    const fault = faultOf(value, target as Schema, root, at);
    if (fault) return fault;
  }
  const nullable = s.nullable === true && value === null;
  if (nullable) return undefined;
  if (s.type !== undefined && ![s.type].flat().some((type) => isType(value, type))) return fail(`not of type ${s.type}`);
  if (s.enum !== undefined && !(s.enum as Json[]).some((one) => same(one, value))) return fail("not in enum");
  if ("const" in s && !same(s.const, value)) return fail("not the constant");
  for (const part of (s.allOf ?? []) as Schema[]) {
    const fault = faultOf(value, part, root, at);
    if (fault) return fault;
  }
  if (s.anyOf !== undefined && !(s.anyOf as Schema[]).some((part) => !faultOf(value, part, root, at)))
    return fail("none of anyOf");
  if (s.oneOf !== undefined && !(s.oneOf as Schema[]).some((part) => !faultOf(value, part, root, at)))
    return fail("none of oneOf");
  if (typeof value === "number") {
    if (s.minimum !== undefined && value < s.minimum) return fail(`below ${s.minimum}`);
    if (s.maximum !== undefined && value > s.maximum) return fail(`above ${s.maximum}`);
    if (s.exclusiveMinimum !== undefined && value <= s.exclusiveMinimum) return fail(`not above ${s.exclusiveMinimum}`);
    if (s.exclusiveMaximum !== undefined && value >= s.exclusiveMaximum) return fail(`not below ${s.exclusiveMaximum}`);
  }
  if (typeof value === "string") {
    const length = [...value].length;
    if (s.minLength !== undefined && length < s.minLength) return fail("too short");
    if (s.maxLength !== undefined && length > s.maxLength) return fail("too long");
    if (s.pattern !== undefined && !new RegExp(s.pattern, "u").test(value)) return fail(`does not match ${s.pattern}`);
    if (s.format !== undefined && !fitsFormat(value, s.format)) return fail(`not a ${s.format}`);
  }
  if (Array.isArray(value)) {
    if (s.minItems !== undefined && value.length < s.minItems) return fail("too few");
    if (s.maxItems !== undefined && value.length > s.maxItems) return fail("too many");
    const prefix = (s.prefixItems ?? []) as Schema[];
    for (const [index, item] of value.entries()) {
      const fault = faultOf(item, prefix[index] ?? (s.items as Schema | undefined) ?? true, root, `${at}[${index}]`);
      if (fault) return fault;
    }
  }
  if (value !== null && typeof value === "object" && !Array.isArray(value)) {
    const properties = (s.properties ?? {}) as Record<string, Schema>;
    const keys = Object.keys(value);
    for (const name of (s.required ?? []) as string[]) if (!Object.hasOwn(value, name)) return fail(`lacks ${name}`);
    if (s.minProperties !== undefined && keys.length < s.minProperties) return fail("too few members");
    if (s.maxProperties !== undefined && keys.length > s.maxProperties) return fail("too many members");
    for (const name of keys) {
      const named = Object.hasOwn(properties, name);
      const fault = faultOf(
        value[name] ?? null,
        named ? (properties[name] ?? true) : ((s.additionalProperties as Schema | undefined) ?? true),
        root,
        `${at}.${name}`,
      );
      if (fault) return fault;
      if (s.propertyNames !== undefined && faultOf(name, s.propertyNames, root)) return fail(`name ${name}`);
    }
  }
  return undefined;
}

function isType(value: Json, type: string): boolean {
  if (type === "integer") return Number.isInteger(value);
  if (type === "array") return Array.isArray(value);
  if (type === "null") return value === null;
  if (type === "object") return typeof value === "object" && value !== null && !Array.isArray(value);
  return typeof value === type;
}

function same(a: Json, b: Json): boolean {
  return a === b || (typeof a === "object" && typeof b === "object" && JSON.stringify(a) === JSON.stringify(b));
}

/** Through Node's own parsers where it has one, so that no pattern is copied from the compiler. */
function fitsFormat(value: string, format: string): boolean {
  const day = (text: string) => /^\d{4}-\d\d-\d\d$/.test(text) && new Date(`${text}T00:00:00Z`).toISOString().startsWith(text);
  const moment = (text: string) => !Number.isNaN(Date.parse(text)) && /(?:Z|[+-]\d\d:\d\d)$/.test(text);
  if (format === "date") return day(value) || (value.startsWith("0000") && /^0000-\d\d-\d\d$/.test(value));
  if (format === "date-time") return /^\d{4}-\d\d-\d\dT/.test(value) && moment(value);
  if (format === "time") return moment(`2020-01-01T${value}`);
  if (format === "uuid") return /^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$/i.test(value);
  if (format === "ipv4")
    return (
      value.split(".").length === 4 && value.split(".").every((part) => String(Number(part)) === part && Number(part) <= 255)
    );
  if (format === "ipv6") return URL.canParse(`http://[${value}]/`);
  if (format === "uri") return URL.canParse(value);
  if (format === "email") return /^[^@\s]+@[^@\s]+\.[^@\s.]+$/.test(value);
  if (format === "hostname") return URL.canParse(`http://${value}/`) || /^[\w.-]+$/.test(value);
  return true;
}
