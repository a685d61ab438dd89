/** From a JSON value that a model wrote to the tool calls in it. */
import { randomInt } from "node:crypto";
import type { Tool, ToolCall } from "../types.ts";
import { parseLenient } from "./json.ts";

export interface FoundCall {
  name: string;
  arguments: Record<string, unknown>;
}

/**
 * Calls in `value`: objects with a name and arguments, lists of them, `{tool: arguments}`, or bare arguments
 * after a name that stands in `before`. Empty when it is something else.
 */
export function findCalls(value: unknown, before: string, tools: Tool[]): FoundCall[] {
  if (Array.isArray(value)) return value.flatMap((item) => findCalls(item, before, tools));
  if (!isRecord(value)) return [];
  // OpenAI's shape: {"type": "function", "function": {"name": …}}
  if (isRecord(value.function) && typeof value.function.name === "string") return findCalls(value.function, before, tools);
  const name = [value.name, value.tool_name, value.function].find((one) => typeof one === "string" && one !== "");
  if (typeof name === "string") return [{ name, arguments: argumentsOf(value) ?? {} }];
  const named = nameIn(before, tools);
  if (named !== undefined) return [{ name: named, arguments: argumentsOf(value) ?? value }];
  const keyed = tools.find((tool) => isRecord(value[tool.function.name]))?.function.name;
  const inner = keyed === undefined ? undefined : value[keyed];
  return keyed !== undefined && isRecord(inner) ? [{ name: keyed, arguments: inner }] : [];
}

function argumentsOf(value: Record<string, unknown>): Record<string, unknown> | undefined {
  for (const key of ["arguments", "parameters", "args"]) {
    const given = value[key];
    const read = typeof given === "string" ? parseLenient(given) : given;
    if (isRecord(read)) return read;
  }
  return undefined;
}

/** A declared tool's name, the earliest and there the longest; or a lone word, as in `name[ARGS]{…}`. */
function nameIn(text: string, tools: Tool[]): string | undefined {
  const found = tools
    .map(({ function: { name } }) => ({ name, at: text.indexOf(name) }))
    .filter(({ at, name }) => at >= 0 && name !== "")
    .sort((a, b) => a.at - b.at || b.name.length - a.name.length);
  return found[0]?.name ?? /^\s*([A-Za-z_][\w.-]*)\s*(?:\[ARGS\])?\s*$/.exec(text)?.[1];
}

/** Numbers calls and gives them ids in Ollama's form. */
export function callNumberer(): (found: FoundCall) => ToolCall {
  let index = 0;
  return (found) => ({ id: callId(), function: { index: index++, name: found.name, arguments: found.arguments } });
}

/** `call_` and eight of [a-z0-9]. */
function callId(): string {
  const letters = "abcdefghijklmnopqrstuvwxyz0123456789";
  return `call_${Array.from({ length: 8 }, () => letters[randomInt(letters.length)]).join("")}`;
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
