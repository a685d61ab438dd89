/** How long a key lasts, as people write it. */
import { parseDuration } from "../duration.ts";
import { Invalid } from "../errors.ts";

const DAY_MS = 86_400_000;
const LONG_UNITS: Record<string, number> = { d: DAY_MS, w: 7 * DAY_MS, y: 365 * DAY_MS };

/** Milliseconds of `90d`, `4w`, `1y`, or of a duration such as `12h`. Throws Invalid. */
export function parseLifetime(text: string): number {
  const [, count, unit = ""] = /^(\d{1,6})([dwy])$/.exec(text.trim()) ?? [];
  if (count !== undefined) return Number(count) * (LONG_UNITS[unit] ?? 0);
  try {
    return parseDuration(text.trim());
  } catch (cause) {
    throw new Invalid(`${JSON.stringify(text)} is no length of time (examples: 90d, 4w, 1y, 12h)`, { cause });
  }
}
