/** Times as Go prints them. */

/** Now, RFC 3339 with nanoseconds, in UTC. */
export function nowUtc(): string {
  const ms = performance.timeOrigin + performance.now();
  const nanoseconds = Math.floor((ms % 1000) * 1e6);
  return `${new Date(ms).toISOString().slice(0, 19)}.${String(nanoseconds).padStart(9, "0")}Z`;
}

/** RFC 3339 with nanoseconds and this machine's offset: `2026-11-20T21:00:00.123000000+02:00`. */
export function localTime(date: Date): string {
  const offset = -date.getTimezoneOffset();
  const shifted = new Date(date.getTime() + offset * 60_000).toISOString();
  // A year beyond 9999 has a sign and six digits in ISO 8601; none of ours gets there.
  const zone = offset === 0 ? "Z" : `${offset < 0 ? "-" : "+"}${two(Math.abs(offset) / 60)}:${two(Math.abs(offset) % 60)}`;
  return `${shifted.slice(0, 23)}000000${zone}`;
}

function two(value: number): string {
  return String(Math.trunc(value)).padStart(2, "0");
}
