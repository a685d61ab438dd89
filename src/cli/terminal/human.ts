/** Sizes, ages and numbers in the words that Ollama uses. */

const UNITS = ["B", "KB", "MB", "GB", "TB"];

/** Decimal units: `512 B`, `4.7 GB`, `397 MB`. */
export function humanBytes(bytes: number): string {
  let power = 0;
  while (bytes / 1000 ** power >= 1000 && power < UNITS.length - 1) power += 1;
  const value = bytes / 1000 ** power;
  const digits = value >= 10 ? String(Math.trunc(value)) : Number.isInteger(value) ? String(value) : value.toFixed(1);
  return `${digits} ${UNITS[power]}`;
}

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const YEAR = 365 * DAY;

/** How long, roughly: `Less than a second`, `About an hour`, `3 weeks`. */
export function humanDuration(ms: number): string {
  const whole = (unitMs: number) => Math.floor(ms / unitMs);
  const seconds = whole(SECOND);
  if (seconds < 1) return "Less than a second";
  if (seconds === 1) return "1 second";
  if (seconds < 60) return `${seconds} seconds`;
  if (whole(MINUTE) === 1) return "About a minute";
  if (whole(MINUTE) < 60) return `${whole(MINUTE)} minutes`;
  const hours = Math.floor(ms / HOUR + 0.5);
  if (hours === 1) return "About an hour";
  if (hours < 48) return `${hours} hours`;
  if (hours < 24 * 14) return `${Math.floor(hours / 24)} days`;
  if (hours < 24 * 60) return `${Math.floor(hours / 24 / 7)} weeks`;
  if (hours < 24 * 365 * 2) return `${Math.floor(hours / 24 / 30)} months`;
  return `${Math.floor(ms / YEAR)} years`;
}

/** `5 minutes ago`, `4 minutes from now`, `Forever`; `never` for a missing or zero time. */
export function humanTime(time: string | undefined, { now, never }: { now: Date; never: string }): string {
  const at = Date.parse(time ?? "");
  if (Number.isNaN(at) || time?.startsWith("0001-01-01")) return never;
  const ahead = at - now.getTime();
  if (ahead > 20 * YEAR) return "Forever";
  return ahead > 0 ? `${humanDuration(ahead)} from now` : `${humanDuration(-ahead)} ago`;
}

/** A count of parameters: `1.5B`, `7B`, `133.70M`, `260K`. */
export function humanCount(count: number): string {
  if (count >= 1e9) return `${Number.isInteger(count / 1e9) ? (count / 1e9).toFixed(0) : (count / 1e9).toFixed(1)}B`;
  if (count >= 1e6) return `${(count / 1e6).toFixed(2)}M`;
  return count >= 1e3 ? `${(count / 1e3).toFixed(0)}K` : String(count);
}

/** A number as Go's `%g` prints a float: `0.5`, `131072`, `8e+09`. */
export function goFloat(value: number): string {
  if (!Number.isFinite(value)) return Number.isNaN(value) ? "NaN" : value > 0 ? "+Inf" : "-Inf";
  const scientific = value.toExponential();
  const exponent = Number(scientific.slice(scientific.indexOf("e") + 1));
  if (exponent >= -4 && exponent < 6) return String(value);
  return scientific.replace(/e([+-])(\d)$/, "e$10$2");
}
