/** Go's durations, in which clients write `keep_alive` and `puna run --verbose` prints times. */

const UNITS: Record<string, number> = { ns: 1e-6, us: 1e-3, µs: 1e-3, μs: 1e-3, ms: 1, s: 1000, m: 60_000, h: 3_600_000 };

/**
 * Milliseconds of a Go duration such as `1h30m`, `-5m` or `0`.
 * Throws an Error with Go's text, such as `time: invalid duration "abc"`.
 */
export function parseDuration(text: string): number {
  const [, sign = "", body = ""] = /^([+-]?)(.*)$/s.exec(text) ?? [];
  if (body === "0") return 0;
  const fail = (problem: string) => new Error(`time: ${problem} duration ${JSON.stringify(text)}`);
  if (body === "") throw fail("invalid");
  let ms = 0;
  let rest = body;
  while (rest !== "") {
    const found = /^(\d+\.?\d*|\.\d+)([^\d.]*)/.exec(rest);
    if (!found) throw fail("invalid");
    if (found[2] === "") throw fail("missing unit in");
    const unit = UNITS[found[2] ?? ""];
    if (unit === undefined) throw new Error(`time: unknown unit ${JSON.stringify(found[2])} in duration ${JSON.stringify(text)}`);
    ms += Number(found[1]) * unit;
    rest = rest.slice(found[0].length);
  }
  return sign === "-" ? -ms : ms;
}

/** A duration in Go's form: `4.1s`, `52ms`, `1h2m3s`. */
export function formatDuration(ms: number): string {
  const ns = Math.round(Math.abs(ms) * 1e6);
  const sign = ms < 0 ? "-" : "";
  if (ns === 0) return "0s";
  if (ns < 1e3) return `${sign}${ns}ns`;
  if (ns < 1e6) return `${sign}${trim(ns / 1e3, 3)}µs`;
  if (ns < 1e9) return `${sign}${trim(ns / 1e6, 6)}ms`;
  const hours = Math.floor(ns / 3.6e12);
  const minutes = Math.floor((ns % 3.6e12) / 6e10);
  const seconds = `${trim((ns % 6e10) / 1e9, 9)}s`;
  if (hours > 0) return `${sign}${hours}h${minutes}m${seconds}`;
  return minutes > 0 ? `${sign}${minutes}m${seconds}` : `${sign}${seconds}`;
}

function trim(value: number, digits: number): string {
  return value.toFixed(digits).replace(/\.?0+$/, "");
}
