/** The `think` field, as Ollama's clients write it. */
import type { Think } from "../chat/types.ts";
import { Invalid } from "../errors.ts";

const WORDS = '"high", "medium", "low", "max", true, or false';

/** Undefined when not given. Throws Invalid with Ollama's texts. */
export function parseThink(value: unknown): Think | undefined {
  if (value === undefined || value === null || typeof value === "boolean") return value ?? undefined;
  if (value === "high" || value === "medium" || value === "low" || value === "max") return value;
  if (typeof value === "string") throw new Invalid(`invalid think value: ${JSON.stringify(value)} (must be ${WORDS})`);
  throw new Invalid(`think must be a boolean or string (${WORDS})`);
}
