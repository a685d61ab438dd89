/** The functions a Go template may call: text/template's own. Ollama's are in ollama-functions.ts. */

import { sprint, sprintf, sprintln } from "./print.ts";
import { compareBytes, isComposite, isTrue, typeName, type Value, wellFormed } from "./value.ts";

/** Thrown inside a function; the runtime adds where it was called. */
export class CallError extends Error {}

export type TemplateFunction = (args: Value[]) => Value;

/** `and` and `or` are not here: the runtime evaluates their arguments one by one. */
export const builtins: Record<string, TemplateFunction> = {
  not: (args) => !isTrue(exactly(args, 1, "not")[0] ?? null),
  eq: (args) => {
    const [first, ...others] = atLeast(args, 1, "eq");
    if (others.length === 0) throw new CallError("missing argument for comparison");
    return others.some((other) => equal(first ?? null, other));
  },
  ne: (args) => {
    const [a, b] = two(args, "ne");
    return !equal(a, b);
  },
  lt: (args) => less(...two(args, "lt")),
  le: (args) => lessOrEqual(...two(args, "le")),
  gt: (args) => !lessOrEqual(...two(args, "gt")),
  ge: (args) => !less(...two(args, "ge")),
  len: (args) => {
    const [value = null] = exactly(args, 1, "len");
    if (typeof value === "string") return BigInt(Buffer.byteLength(value));
    if (value === null) throw new CallError("len of nil pointer");
    if (!isComposite(value) || value.kind === "struct") throw new CallError(`len of type ${typeName(value)}`);
    return BigInt(value.kind === "list" ? value.items.length : value.entries.size);
  },
  index: (args) => {
    const [value = null, ...indexes] = atLeast(args, 1, "index");
    return indexes.reduce(indexed, value);
  },
  slice: (args) => {
    const [value = null, ...indexes] = atLeast(args, 1, "slice");
    return sliced(value, indexes);
  },
  print: sprint,
  println: sprintln,
  printf: (args) => {
    const [format, ...values] = atLeast(args, 1, "printf");
    if (typeof format !== "string") throw new CallError(`wrong type for value; expected string; got ${typeName(format ?? null)}`);
    return sprintf(format, values);
  },
  html: (args) => joined(args).replace(/[<>&'"\0]/g, (char) => HTML[char] ?? char),
  js: (args) => joined(args).replace(/[\\'"<>&=\n\r\t\p{Cc}\u2028\u2029]/gu, escapeScript),
  urlquery: (args) =>
    encodeURIComponent(wellFormed(joined(args)))
      .replaceAll("%20", "+")
      .replace(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`),
  call: (args) => {
    const [value = null] = atLeast(args, 1, "call");
    throw new CallError(value === null ? "call of nil" : `non-function of type ${typeName(value)}`);
  },
};

const HTML: Record<string, string> = { "<": "&lt;", ">": "&gt;", "&": "&amp;", "'": "&#39;", '"': "&#34;", "\0": "\ufffd" };

function escapeScript(char: string): string {
  if (char === "\\" || char === "'" || char === '"') return `\\${char}`;
  return `\\u${(char.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0")}`;
}

function joined(args: Value[]): string {
  return args.length === 1 && typeof args[0] === "string" ? args[0] : sprint(args);
}

function exactly(args: Value[], count: number, name: string): Value[] {
  if (args.length !== count) throw new CallError(`wrong number of args for ${name}: want ${count} got ${args.length}`);
  return args;
}

function atLeast(args: Value[], count: number, name: string): Value[] {
  if (args.length < count) throw new CallError(`wrong number of args for ${name}: want at least ${count} got ${args.length}`);
  return args;
}

function two(args: Value[], name: string): [Value, Value] {
  const [a = null, b = null] = exactly(args, 2, name);
  return [a, b];
}

function basicKind(value: Value): string | undefined {
  return value === null || isComposite(value) ? undefined : typeName(value);
}

function equal(a: Value, b: Value): boolean {
  const [kindA, kindB] = [basicKind(a), basicKind(b)];
  if (a === null || b === null) return a === b;
  if (kindA !== kindB) throw new CallError("incompatible types for comparison");
  if (kindA === undefined) throw new CallError(`non-comparable type ${typeName(a)}`);
  return a === b;
}

function less(a: Value, b: Value): boolean {
  const [kindA, kindB] = [basicKind(a), basicKind(b)];
  if (kindA === undefined || kindB === undefined || kindA === "bool") throw new CallError("invalid type for comparison");
  if (kindA !== kindB) throw new CallError("incompatible types for comparison");
  if (typeof a === "string" && typeof b === "string") return compareBytes(a, b) < 0;
  return typeof a === "bigint" && typeof b === "bigint" ? a < b : Number(a) < Number(b);
}

function lessOrEqual(a: Value, b: Value): boolean {
  return less(a, b) || equal(a, b);
}

function indexed(value: Value, index: Value): Value {
  if (value === null) throw new CallError("index of untyped nil");
  if (typeof value === "string") {
    const bytes = Buffer.from(value);
    return BigInt(bytes[position(index, bytes.length - 1)] ?? 0);
  }
  if (!isComposite(value) || value.kind === "struct") throw new CallError(`can't index item of type ${typeName(value)}`);
  if (value.kind === "list") return value.items[position(index, value.items.length - 1)] ?? null;
  if (typeof index !== "string")
    throw new CallError(
      index === null ? "value is nil; should be of type string" : `value has type ${typeName(index)}; should be string`,
    );
  return value.entries.get(index) ?? null;
}

function sliced(value: Value, indexes: Value[]): Value {
  if (value === null) throw new CallError("slice of untyped nil");
  if (indexes.length > 3) throw new CallError(`too many slice indexes: ${indexes.length}`);
  const bytes = typeof value === "string" ? Buffer.from(value) : undefined;
  if (bytes && indexes.length === 3) throw new CallError("cannot 3-index slice a string");
  if (!bytes && (!isComposite(value) || value.kind !== "list"))
    throw new CallError(`can't slice item of type ${typeName(value)}`);
  const items = isComposite(value) && value.kind === "list" ? value.items : [];
  const length = bytes ? bytes.length : items.length;
  const [from = 0, to = length, most = length] = indexes.map((index) => position(index, length));
  if (from > to) throw new CallError(`invalid slice index: ${from} > ${to}`);
  if (to > most) throw new CallError(`invalid slice index: ${to} > ${most}`);
  return bytes ? bytes.subarray(from, to).toString() : { kind: "list", type: typeName(value), items: items.slice(from, to) };
}

/** An index as a JavaScript number, checked to lie in 0..most. */
function position(index: Value, most: number): number {
  if (index === null) throw new CallError("cannot index slice/array with nil");
  if (typeof index !== "bigint") throw new CallError(`cannot index slice/array with type ${typeName(index)}`);
  if (index < 0n || index > BigInt(most)) throw new CallError(`index out of range: ${index}`);
  return Number(index);
}
