/** What Ollama adds to Go's template functions. */
import { CallError, type TemplateFunction } from "./functions.ts";
import { isComposite, toJson, type Value } from "./value.ts";

/** The functions, with `now` as today. Dates are local, as Go's are. */
export function ollamaFunctions(now: Date): Record<string, TemplateFunction> {
  return {
    json: ([value = null]) => toJson(value),
    currentDate: () => day(now),
    yesterdayDate: () => day(new Date(now.getFullYear(), now.getMonth(), now.getDate() - 1)),
    toTypeScriptType: ([value = null]) => typeScriptType(value),
  };
}

function day(date: Date): string {
  const two = (value: number) => String(value).padStart(2, "0");
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
}

const NAMES: Record<string, string> = {
  string: "string",
  number: "number",
  integer: "number",
  boolean: "boolean",
  array: "any[]",
  object: "Record<string, any>",
  null: "null",
};

/** A tool's property as a TypeScript type, for templates that write tools as TypeScript. */
function typeScriptType(property: Value, depth = 0): string {
  if (!isComposite(property) || property.kind === "list" || depth > 50)
    throw new CallError("toTypeScriptType needs a property of a tool");
  const fields = property.kind === "struct" ? property.fields : property.entries;
  const items = (name: string): Value[] => {
    const value = fields.get(name) ?? fields.get(name[0]?.toLowerCase() + name.slice(1)) ?? null;
    if (isComposite(value) && value.kind === "list") return value.items;
    return typeof value === "string" && value !== "" ? [value] : [];
  };
  const alternatives = items("AnyOf");
  if (alternatives.length > 0) return alternatives.map((one) => typeScriptType(one, depth + 1)).join(" | ");
  const types = items("Type").map((type) => (typeof type === "string" ? NAMES[type] : undefined) ?? "any");
  return types.length > 0 ? types.join(" | ") : "any";
}
