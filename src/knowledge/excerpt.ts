/** The part of a passage that is nearest to a question, for models that can read only little. */
import { gramsOf } from "./cite/grams.ts";
import { unitsOf } from "./cite/units.ts";
import type { Hit } from "./sources.ts";

/** Whole sentences that stand together, of at most so many tokens; the nearest sentence alone when it is longer. */
export async function excerptOf(
  hit: Hit,
  { question, tokens, count }: { question: string; tokens: number; count: (text: string) => Promise<number> },
): Promise<Hit> {
  if ((await count(hit.text)) <= tokens) return hit;
  const units = unitsOf(hit.text);
  const asked = gramsOf(question);
  const scores = units.map(({ start, end }) => {
    const grams = gramsOf(hit.text.slice(start, end));
    return [...asked].filter((gram) => grams.has(gram)).length;
  });
  let first = scores.indexOf(Math.max(...scores));
  let last = first;
  const textOf = (from: number, to: number) => hit.text.slice(units[from]?.start ?? 0, units[to]?.end ?? hit.text.length);
  // What follows a sentence explains it more often than what goes before.
  for (let grown = true; grown; ) {
    grown = false;
    for (const [from, to] of [
      [first, last + 1],
      [first - 1, last],
    ] as const) {
      if (from < 0 || to >= units.length || (await count(textOf(from, to))) > tokens) continue;
      [first, last] = [from, to];
      grown = true;
      break;
    }
  }
  const start = hit.start + (units[first]?.start ?? 0);
  return { ...hit, start, end: start + textOf(first, last).length, text: textOf(first, last) };
}
