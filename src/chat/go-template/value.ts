/** Values as a Go template sees them: what Go's reflection would know and plain JavaScript does not. */

/**
 * `bigint` is Go's int and `number` its float64, as JSON numbers become. `null` is nil.
 * Composite values may know how they print (`text`, Go's Stringer) and how they look as JSON (`json`).
 */
export type Value = null | boolean | bigint | number | string | List | Dict | Struct;

interface Composite {
  /** Go's name of the type, for error texts and `%T`. */
  type: string;
  text?: () => string;
  json?: () => string;
}
export interface List extends Composite {
  kind: "list";
  items: Value[];
}
export interface Dict extends Composite {
  kind: "map";
  entries: Map<string, Value>;
}
/** Unlike a map's, a missing field is an error. */
export interface Struct extends Composite {
  kind: "struct";
  fields: Map<string, Value>;
}

export function isComposite(value: Value): value is List | Dict | Struct {
  return typeof value === "object" && value !== null;
}

/** Decoded JSON as a value: numbers become float64, objects maps. `undefined` becomes nil. */
export function fromJson(data: unknown): Value {
  if (data === null || data === undefined) return null;
  if (typeof data === "boolean" || typeof data === "number" || typeof data === "string" || typeof data === "bigint") return data;
  if (Array.isArray(data)) return { kind: "list", type: "[]interface {}", items: data.map(fromJson) };
  if (typeof data !== "object") return null;
  return {
    kind: "map",
    type: "map[string]interface {}",
    entries: new Map(Object.entries(data).map(([key, value]) => [key, fromJson(value)])),
  };
}

/** Go's notion of truth: false, zero, nil and empty are false, and a struct is always true. */
export function isTrue(value: Value): boolean {
  if (!isComposite(value)) return Boolean(value) || Number.isNaN(value);
  if (value.kind === "struct") return true;
  return value.kind === "list" ? value.items.length > 0 : value.entries.size > 0;
}

/** A map's entries in the order in which Go ranges over and prints them. */
export function sortedEntries(map: Dict): [string, Value][] {
  return [...map.entries].sort(([a], [b]) => compareBytes(a, b));
}

/** Go compares strings by their UTF-8 bytes. */
export function compareBytes(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}

/** The name that Go gives a value's type. */
export function typeName(value: Value): string {
  if (value === null) return "<nil>";
  if (typeof value === "boolean") return "bool";
  if (typeof value === "bigint") return "int";
  if (typeof value === "number") return "float64";
  return typeof value === "string" ? "string" : value.type;
}

/** `encoding/json`'s text of a value: keys of maps sorted, `<`, `>` and `&` escaped. */
export function toJson(value: Value): string {
  if (value === null || typeof value === "boolean" || typeof value === "bigint") return String(value);
  if (typeof value === "number") return Number.isFinite(value) ? jsonNumber(value) : "null";
  if (typeof value === "string") return jsonString(value);
  if (value.json) return value.json();
  if (value.kind === "list") return `[${value.items.map(toJson).join(",")}]`;
  const entries = value.kind === "map" ? sortedEntries(value) : [...value.fields];
  return jsonObject(entries);
}

/** An object with its entries in the given order. */
export function jsonObject(entries: [string, Value][]): string {
  return `{${entries.map(([key, item]) => `${jsonString(key)}:${toJson(item)}`).join(",")}}`;
}

function jsonNumber(value: number): string {
  return Object.is(value, -0) ? "-0" : String(value);
}

function jsonString(text: string): string {
  return JSON.stringify(wellFormed(text)).replace(
    /[<>&\u2028\u2029]/g,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

/** Text with lone surrogates replaced, as UTF-8 requires. */
export function wellFormed(text: string): string {
  return text.replace(/\p{Cs}/gu, "\ufffd");
}
