/** Parts a single sentence, row or line that alone is over the limit: at the best place that lets the piece fit. */
import type { CountTokens } from "./index.ts";
import type { Unit } from "./units.ts";

/** From the best place to the worst: a line's end, a clause's end, between words. */
const PLACES = [/\n/g, /[,，、;；:：—|]\s*/g, /\s+/g];
/** A better place is taken when it uses at least this share of what would fit. */
const LEAST_SHARE = 0.4;

export function splitUnit(text: string, unit: Unit, { countTokens, most }: { countTokens: CountTokens; most: number }): Unit[] {
  const pieces: Unit[] = [];
  let { start } = unit;
  while (start < unit.end) {
    const end = pieceEnd(text, start, unit.end, (to) => countTokens(text.slice(start, to)) <= most);
    pieces.push({ start, end: trimEnd(text, start, end) });
    start = end;
    while (start < unit.end && /\s/.test(text[start] ?? "")) start++;
  }
  return pieces;
}

function pieceEnd(text: string, start: number, end: number, fits: (to: number) => boolean): number {
  const longest = longestFit(text, start, end, fits);
  if (longest >= end) return end;
  const window = text.slice(start, longest);
  const least = window.length * LEAST_SHARE;
  for (const place of PLACES) {
    const last = [...window.matchAll(place)].map((match) => match.index + match[0].length).findLast((at) => at >= least);
    if (last !== undefined && fits(start + last)) return start + last;
  }
  return longest;
}

/** By doubling, then halving. At least one character, whatever it counts: a piece must end somewhere. */
function longestFit(text: string, start: number, end: number, fits: (to: number) => boolean): number {
  const one = whole(text, start, start + 1, end);
  let good = one;
  let step = 64;
  while (good < end) {
    const to = whole(text, start, Math.min(good + step, end), end);
    if (!fits(to)) break;
    good = to;
    step *= 2;
  }
  if (good >= end) return end;
  let bad = Math.min(good + step, end);
  while (bad - good > 1) {
    const middle = whole(text, start, (good + bad) >> 1, end);
    if (middle <= good || middle >= bad) break;
    if (fits(middle)) good = middle;
    else bad = middle;
  }
  return good;
}

/** Never between the two halves of a surrogate pair. */
function whole(text: string, start: number, at: number, end: number): number {
  const code = text.charCodeAt(at - 1);
  const cuts = at > start && at < end && code >= 0xd800 && code <= 0xdbff;
  return cuts ? at + 1 : at;
}

function trimEnd(text: string, start: number, end: number): number {
  let at = end;
  while (at > start && /\s/.test(text[at - 1] ?? "")) at--;
  return at;
}
