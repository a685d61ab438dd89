/** `keep_alive` as Ollama's clients write it. */
import { parseDuration } from "../duration.ts";
import { Invalid, messageOf } from "../errors.ts";
import { goType } from "./go-type.ts";

/**
 * Milliseconds; Infinity for ever; undefined when not given. A number is seconds, a text a Go duration, and anything negative is
 * for ever. Throws Invalid with Go's texts.
 */
export function parseKeepAlive(value: unknown): number | undefined {
  if (value === undefined || value === null) return undefined;
  const ms = toMs(value);
  return ms < 0 ? Number.POSITIVE_INFINITY : ms;
}

function toMs(value: unknown): number {
  if (typeof value === "number") return value * 1000;
  if (typeof value !== "string") throw new Invalid(`Unsupported type: '${goType(value)}'`);
  try {
    return parseDuration(value);
  } catch (error) {
    throw new Invalid(messageOf(error), { cause: error });
  }
}
