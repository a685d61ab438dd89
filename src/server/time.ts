/** Times as Go prints them. */

let second = -1;
let secondText = "";

/** Now, RFC 3339 with nanoseconds, in UTC. Called for every token: the text of a second is made once. */
export function nowUtc(): string {
  const ms = performance.timeOrigin + performance.now();
  const whole = Math.floor(ms / 1000);
  if (whole !== second) {
    second = whole;
    secondText = new Date(whole * 1000).toISOString().slice(0, 19);
  }
  const nanoseconds = Math.floor((ms - whole * 1000) * 1e6);
  return `${secondText}.${String(nanoseconds).padStart(9, "0")}Z`;
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
