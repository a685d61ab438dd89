/** Values that a person types for a model's settings, checked and typed. */
import { Invalid, messageOf } from "../../errors.ts";
import { parseParameters } from "../../models/parameters.ts";
import type { WireFormat, WireThink } from "../wire.ts";
import type { Session } from "./session.ts";

const LEVELS = ["high", "medium", "low", "max"];

/** Sets one parameter of the session; says what happened. */
export function setParameter(session: Session, name: string, values: string[]): string {
  try {
    const { parameters } = parseParameters(values.map((value) => ({ name, value: unquoted(value) })));
    session.options = { ...session.options, ...parameters };
    return `Set parameter '${name}' to '${values.join(", ")}'`;
  } catch (error) {
    return `Couldn't set parameter: ${JSON.stringify(messageOf(error))}`;
  }
}

/** `/set think [level]`; says what happened. */
export function setThink(session: Session, level: string | undefined): string {
  if (level === undefined || level === "true") {
    session.think = true;
    return "Set 'think' mode.";
  }
  if (level === "false") {
    session.think = false;
    return "Set 'nothink' mode.";
  }
  if (!LEVELS.includes(level)) return `Unknown level '${level}': use high, medium, low or max`;
  session.think = level;
  return `Set 'think' mode to '${level}'.`;
}

/** The value of `--think`; a bare flag is true. */
export function parseThink(value: string | boolean): WireThink {
  if (typeof value === "boolean") return value;
  if (value === "" || value === "true") return true;
  if (value === "false") return false;
  if (LEVELS.includes(value)) return value;
  throw new Invalid(`invalid value for --think: ${JSON.stringify(value)} (must be true, false, high, medium, low, or max)`);
}

/** The value of `--format`: the word json, or a JSON Schema as text. */
export function parseFormat(text: string): WireFormat | undefined {
  if (text === "") return undefined;
  if (text === "json") return "json";
  try {
    const schema: unknown = JSON.parse(text);
    if (typeof schema === "object" && schema !== null && !Array.isArray(schema))
      return Object.fromEntries(Object.entries(schema));
  } catch {
    // Falls through to the one message for everything that is no schema.
  }
  throw new Invalid(`invalid format: ${JSON.stringify(text)}; expected "json" or a valid JSON Schema object`);
}

/** Stop strings are often typed in quotes. */
function unquoted(text: string): string {
  return /^".*"$/s.test(text) && text.length > 1 ? text.slice(1, -1) : text;
}
