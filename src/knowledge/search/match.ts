/** How much of a query's words a passage has, and whether two passages say the same. */
import type { StoredPassage } from "../rows/passages.ts";
import { termsOf } from "../words/analyse.ts";
import type { Weighed } from "./weigh.ts";

/** Terms of a passage with how often each is there. */
export type Terms = ReadonlyMap<string, number>;

/** How soon a word that is there more often says no more: BM25's k1. */
const SATURATION = 1.2;
/** Passages with so many of their terms in common say the same. */
const SAME_SHARE = 0.9;

export function termsIn({ title, headings, headerRow, text }: StoredPassage): Terms {
  const counts = new Map<string, number>();
  for (const term of termsOf([title, ...headings, headerRow ?? "", text].join("\n"))) {
    counts.set(term, (counts.get(term) ?? 0) + 1);
  }
  return counts;
}

/**
 * 0 to 1: the share of the query's words, by weight, that are there. Half of it is for being there, half for how often. As if every
 * query had one more word that no passage has: those of a short query are there by chance more easily.
 */
export function wordSignal({ terms, unknownWeight }: Pick<Weighed, "terms" | "unknownWeight">, passage: Terms): number {
  let has = 0;
  let all = unknownWeight;
  for (const { term, isPrefix, weight } of terms) {
    all += weight;
    const count = isPrefix ? countOfPrefix(passage, term) : (passage.get(term) ?? 0);
    if (count > 0) has += weight * (0.5 + (0.5 * count) / (count + SATURATION));
  }
  return has / all;
}

/** Whether nearly all terms of two passages are the same, and all their numbers: last year's report is another text. */
export function saySame(a: Terms, b: Terms): boolean {
  const [small, large] = a.size < b.size ? [a, b] : [b, a];
  if (small.size < large.size * SAME_SHARE) return false;
  let common = 0;
  for (const term of small.keys()) if (large.has(term)) common++;
  if (common < (small.size + large.size - common) * SAME_SHARE) return false;
  return numbersOf(a) === numbersOf(b);
}

function numbersOf(terms: Terms): string {
  return [...terms.keys()]
    .filter((term) => /\p{N}/u.test(term))
    .sort()
    .join(" ");
}

function countOfPrefix(passage: Terms, prefix: string): number {
  let count = 0;
  for (const [term, times] of passage) if (term.startsWith(prefix)) count += times;
  return count;
}
