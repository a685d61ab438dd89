/** The schema that holds where two schemas hold: `allOf`, and keywords that stand beside a combination. */
import { isObject, type Keywords, typesOf, unsupported } from "./keywords.ts";

/** Undefined when nothing can satisfy both. Members that both describe become an `allOf`, merged when they are compiled. */
export function merge(a: Keywords, b: Keywords, place: string): Keywords | undefined {
  const result: Record<string, unknown> = { ...a, ...b };
  if (a.type !== undefined && b.type !== undefined) {
    const types = commonTypes(a, b, place);
    if (types.length === 0) return undefined;
    result.type = types;
  }
  for (const keyword of Object.keys(a)) {
    if (b[keyword] === undefined || keyword === "type") continue;
    const value = both(keyword, a[keyword], b[keyword]);
    if (value === undefined) throw unsupported(keyword, place, " twice in one allOf");
    result[keyword] = value;
  }
  const values = result.enum;
  if (Array.isArray(values) && values.length === 0) return undefined;
  if (a.const !== undefined && b.const !== undefined && !equal(a.const, b.const)) return undefined;
  return mergeObjects(a, b, result);
}

function commonTypes(a: Keywords, b: Keywords, place: string): string[] {
  const [left, right] = [typesOf(a, place) ?? [], typesOf(b, place) ?? []];
  const fits = (type: string, list: string[]) => list.includes(type) || (type === "integer" && list.includes("number"));
  return [...new Set([...left.filter((type) => fits(type, right)), ...right.filter((type) => fits(type, left))])];
}

/** One keyword given twice. Undefined when there is no single value that says both. */
function both(keyword: string, a: unknown, b: unknown): unknown {
  if (equal(a, b)) return a;
  if (/^(minimum|exclusiveMinimum|min[A-Z])/.test(keyword) && typeof a === "number" && typeof b === "number")
    return Math.max(a, b);
  if (/^(maximum|exclusiveMaximum|max[A-Z])/.test(keyword) && typeof a === "number" && typeof b === "number")
    return Math.min(a, b);
  if (keyword === "required" && Array.isArray(a) && Array.isArray(b)) return [...new Set([...a, ...b])];
  if (keyword === "enum" && Array.isArray(a) && Array.isArray(b)) return a.filter((one) => b.some((other) => equal(one, other)));
  if (keyword === "const") return a;
  if (keyword === "properties" || keyword === "prefixItems") return a;
  if (["items", "additionalProperties", "propertyNames"].includes(keyword)) return { allOf: [a, b] };
  return undefined;
}

/** A member that only one side names falls under the other side's `additionalProperties`. */
function mergeObjects(a: Keywords, b: Keywords, result: Record<string, unknown>): Keywords {
  const [left, right] = [isObject(a.properties) ? a.properties : {}, isObject(b.properties) ? b.properties : {}];
  const names = [...new Set([...Object.keys(left), ...Object.keys(right)])];
  const member = (name: string): unknown => {
    const [one, other] = [
      Object.hasOwn(left, name) ? left[name] : a.additionalProperties,
      Object.hasOwn(right, name) ? right[name] : b.additionalProperties,
    ];
    if (one === undefined || one === true) return other ?? true;
    if (other === undefined || other === true || equal(one, other)) return one;
    return { allOf: [one, other] };
  };
  if (names.length > 0) result.properties = Object.fromEntries(names.map((name) => [name, member(name)]));
  const [one, other] = [listIn(a.prefixItems), listIn(b.prefixItems)];
  if (one.length + other.length > 0 && !equal(one, other)) {
    const at = (schema: Keywords, list: unknown[], index: number) => (index < list.length ? list[index] : (schema.items ?? true));
    result.prefixItems = Array.from({ length: Math.max(one.length, other.length) }, (_, index) => ({
      allOf: [at(a, one, index), at(b, other, index)],
    }));
  }
  return result;
}

function listIn(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}

/** Equal as JSON values: numbers by value, members in any order. */
export function equal(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (Array.isArray(a) && Array.isArray(b)) return a.length === b.length && a.every((item, index) => equal(item, b[index]));
  if (!isObject(a) || !isObject(b)) return false;
  const keys = Object.keys(a);
  return keys.length === Object.keys(b).length && keys.every((key) => Object.hasOwn(b, key) && equal(a[key], b[key]));
}
