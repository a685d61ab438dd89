/** A sentence of an answer with other numbers. */
import type { Claim } from "./claims.ts";
import type { Marker } from "./markers.ts";

/** No space before a number in writing that has none. */
const UNSPACED_END = /[\p{sc=Han}\p{sc=Hiragana}\p{sc=Katakana}\p{sc=Thai}\u3000-\u303f\uff00-\uffef”’…]$/u;

/** What the sentence says. */
export function withoutMarkers(raw: string, markers: readonly Marker[]): string {
  let text = "";
  let from = 0;
  for (const { start, end } of markers) {
    text += raw.slice(from, start);
    from = end;
  }
  return text + raw.slice(from);
}

/** The claim with these numbers in place of its own: where the model put them, or else at its end. */
export function withNumbers({ raw, kind, markers }: Claim, numbers: readonly number[]): string {
  const said = new Set(markers.flatMap((marker) => marker.numbers));
  const missing = numbers.filter((number) => !said.has(number));
  let text = "";
  let from = 0;
  for (const [i, { start, end, numbers: own }] of markers.entries()) {
    const kept = own.filter((number) => numbers.includes(number));
    if (i === markers.length - 1) kept.push(...missing);
    const between = raw.slice(from, start);
    text += kept.length > 0 ? between + written(kept) : between.replace(/[ \t]+$/, "");
    from = end;
    // Before the sentence: the space that parted the two goes with it.
    if (kept.length === 0 && text.trim() === "") from += /^[ \t]*/.exec(raw.slice(end))?.[0].length ?? 0;
  }
  text += raw.slice(from);
  if (markers.length > 0 || missing.length === 0 || kind !== "sentence") return text;
  const body = text.trimEnd();
  const space = UNSPACED_END.test(body) ? "" : " ";
  return body + space + written(missing) + text.slice(body.length);
}

function written(numbers: readonly number[]): string {
  return [...new Set(numbers)]
    .sort((a, b) => a - b)
    .map((number) => `[${number}]`)
    .join("");
}
