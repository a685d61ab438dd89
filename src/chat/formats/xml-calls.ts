/** Calls written as XML, as Qwen3-Coder and its relatives do: `<function=name><parameter=key>\nvalue\n</parameter></function>`. */
import type { Tool } from "../types.ts";
import type { FoundCall } from "./calls.ts";

const OPEN = "<function=";
const CLOSE = "</function>";

/** Whether a call's body is of this form; undefined while the text is too short to tell. */
export function isXmlCall(body: string): boolean | undefined {
  const text = body.trimStart();
  if (text.length < OPEN.length) return OPEN.startsWith(text) ? undefined : false;
  return text.startsWith(OPEN);
}

/** The call at the start of `body` and where it ends; undefined while its end has not come. */
export function readXmlCall(body: string, tools: Tool[]): { call: FoundCall; end: number } | undefined {
  const close = body.indexOf(CLOSE);
  if (close < 0) return undefined;
  const start = body.indexOf(OPEN) + OPEN.length;
  const nameEnd = body.indexOf(">", start);
  const name = body.slice(start, nameEnd < 0 || nameEnd > close ? close : nameEnd).trim();
  const properties = propertiesOf(tools.find((tool) => tool.function.name === name));
  const given: Record<string, unknown> = {};
  // A forgotten `</parameter>` ends where the next one begins.
  for (const [, key = "", text = ""] of body
    .slice(start, close)
    .matchAll(/<parameter=([^>]*)>([\s\S]*?)(?:<\/parameter>|(?=<parameter=)|$)/g)) {
    // The line breaks around a value belong to the form.
    given[key.trim()] = convert(text.replace(/^\n/, "").replace(/\n$/, ""), typesOf(properties[key.trim()]));
  }
  return { call: { name, arguments: given }, end: close + CLOSE.length };
}

function propertiesOf(tool: Tool | undefined): Record<string, unknown> {
  const properties = tool?.function.parameters?.properties;
  return isRecord(properties) ? properties : {};
}

/** The types that a property declares, those of its alternatives included. */
function typesOf(property: unknown): Set<string> {
  if (!isRecord(property)) return new Set();
  const types =
    typeof property.type === "string" ? [property.type] : Array.isArray(property.type) ? property.type.map(String) : [];
  const alternatives = Array.isArray(property.anyOf) ? property.anyOf.flatMap((one) => [...typesOf(one)]) : [];
  return new Set([...types, ...alternatives]);
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

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
