/** JSON and JSON Lines: flat records become a table, everything else is laid out and parted by its keys. */
import { Draft, type Parsed } from "./draft.ts";
import type { Source } from "./limits.ts";

type Value = unknown;

/** @returns undefined when it is neither. */
export function readJson(text: string, source: Source): Parsed | undefined {
  const value = parse(text) ?? parseLines(text);
  if (value === undefined) return undefined;
  const draft = new Draft(source);
  if (isObject(value) && typeof value.title === "string") draft.title = value.title;
  add(draft, value, "");
  return draft.done();
}

function add(draft: Draft, value: Value, symbol: string): void {
  const records = flatRecords(value);
  const laidOut = (part: Value) => JSON.stringify(part, null, 2);
  if (records) {
    const columns = [...new Set(records.flatMap((record) => Object.keys(record)))];
    draft.table([columns, ...records.map((record) => columns.map((column) => shown(record[column])))]);
  } else if (Array.isArray(value)) {
    for (const [index, part] of value.entries()) draft.add("code", laidOut(part), { symbol: `${symbol}[${index}]` });
  } else if (isObject(value)) {
    for (const [key, part] of Object.entries(value)) {
      const path = symbol === "" ? key : `${symbol}.${key}`;
      draft.add("code", `${JSON.stringify(key)}: ${laidOut(part)}`, { symbol: path });
    }
  } else draft.add("code", laidOut(value), symbol === "" ? {} : { symbol });
}

/** Two or more objects of scalars that mostly share their keys. */
function flatRecords(value: Value): Record<string, Value>[] | undefined {
  if (!Array.isArray(value) || value.length < 2) return undefined;
  const records: Value[] = value;
  const keys = new Set<string>();
  let cells = 0;
  for (const record of records) {
    if (!isObject(record)) return undefined;
    for (const [key, part] of Object.entries(record)) {
      if (typeof part === "object" && part !== null) return undefined;
      keys.add(key);
      cells++;
    }
  }
  return keys.size >= 2 && keys.size <= 64 && cells > (keys.size * records.length) / 2 ? records.filter(isObject) : undefined;
}

function isObject(value: Value): value is Record<string, Value> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function shown(value: Value): string {
  return value === null || value === undefined ? "" : String(value);
}

function parse(text: string): Value | undefined {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function parseLines(text: string): Value[] | undefined {
  const lines = text.split("\n").filter((line) => line.trim() !== "");
  if (lines.length < 2 || !/^\s*[[{]/.test(lines[0] ?? "")) return undefined;
  const values = lines.map(parse);
  return values.includes(undefined) ? undefined : values;
}
