/** How often a source is looked at, as people write it: 30m, 6h, 1d. */
import { parseDuration } from "../../duration.ts";
import { Invalid } from "../../errors.ts";

const DAY = 24 * 3_600_000;
const UNITS: [string, number][] = [
  ["d", DAY],
  ["h", 3_600_000],
  ["m", 60_000],
  ["s", 1000],
];

/** Milliseconds. Throws Invalid. */
export function parseEvery(text: string): number {
  const [, days = "0", rest = ""] = /^(?:(\d+)d)?(.*)$/s.exec(text.trim()) ?? [];
  try {
    const ms = Number(days) * DAY + (rest === "" ? 0 : parseDuration(rest));
    if (text.trim() !== "" && Number.isSafeInteger(ms)) return ms;
  } catch {
    // Said below.
  }
  throw new Invalid(`${JSON.stringify(text)} is no time between two looks: write 30m, 6h or 1d`, { param: "every" });
}

export function formatEvery(ms: number): string {
  let left = ms;
  const parts = UNITS.map(([unit, size]) => {
    const count = Math.floor(left / size);
    left -= count * size;
    return count > 0 ? `${count}${unit}` : "";
  });
  return parts.join("") || "0s";
}
