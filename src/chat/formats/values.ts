/** Values that stand between tags as plain text, read as the types that the tool declares for them. */
import type { Tool } from "../types.ts";
import { isRecord } from "./calls.ts";

/** Reads one parameter's text. Unknown parameters stay texts. */
export function valueReader(name: string, tools: Tool[]): (parameter: string, text: string) => unknown {
  const parameters = tools.find((tool) => tool.function.name === name)?.function.parameters;
  const properties = isRecord(parameters?.properties) ? parameters.properties : {};
  return (parameter, text) => convert(text, typesOf(properties[parameter], parameters));
}

const MOST_REFERENCES = 20;

/** The types that a property declares, those of its alternatives and of what it refers to included. */
function typesOf(property: unknown, root: unknown, depth = 0): Set<string> {
  if (!isRecord(property) || depth > MOST_REFERENCES) return new Set();
  const types = typeof property.type === "string" ? [property.type] : strings(property.type);
  const fixed = "const" in property ? [property.const] : Array.isArray(property.enum) && types.length === 0 ? property.enum : [];
  const others = [property.anyOf, property.oneOf, property.allOf].flatMap((list) => (Array.isArray(list) ? list : []));
  if (typeof property.$ref === "string") others.push(pointed(root, property.$ref));
  return new Set([...types, ...fixed.map(typeOf), ...others.flatMap((one) => [...typesOf(one, root, depth + 1)])]);
}

function typeOf(value: unknown): string {
  if (value === null) return "null";
  return Array.isArray(value) ? "array" : typeof value;
}

function pointed(root: unknown, reference: string): unknown {
  const steps = reference.startsWith("#/") ? reference.slice(2).split("/") : [];
  return steps.reduce<unknown>((found, step) => {
    const key = step.replaceAll("~1", "/").replaceAll("~0", "~");
    return isRecord(found) && Object.hasOwn(found, key) ? found[key] : undefined;
  }, root);
}

/** Text as the first declared type that it fits, in Ollama's order; a text when none is declared. */
function convert(text: string, types: Set<string>): unknown {
  const word = text.trim();
  if (types.size === 0) return text;
  if (word.toLowerCase() === "null" && (types.has("null") || !types.has("string"))) return null;
  if (types.has("boolean") && /^(?:true|false)$/i.test(word)) return word.toLowerCase() === "true";
  if (types.has("integer") && /^[+-]?\d+$/.test(word)) return Number(word);
  if ((types.has("number") || types.has("integer")) && word !== "" && Number.isFinite(Number(word))) return Number(word);
  if (types.has("array") || types.has("object")) {
    try {
      const value: unknown = JSON.parse(word);
      if (Array.isArray(value) ? types.has("array") : types.has("object") && isRecord(value)) return value;
    } catch {
      // Not JSON after all: the text says more than an error would.
    }
  }
  return text;
}

function strings(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((item) => typeof item === "string") : [];
}
