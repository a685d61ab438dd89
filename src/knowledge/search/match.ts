/** The terms of passages, and whether two passages say the same. */
import type { StoredPassage } from "../rows/passages.ts";
import { termsOf } from "../words/analyse.ts";

/** Terms of a passage with how often each is there. */
export type Terms = ReadonlyMap<string, number>;

/** Passages with so many of their terms in common say the same. */
const SAME_SHARE = 0.9;

export function termsIn({ title, headings, headerRow, text }: StoredPassage): Terms {
  const counts = new Map<string, number>();
  for (const term of termsOf([title, ...headings, headerRow ?? "", text].join("\n"))) {
    counts.set(term, (counts.get(term) ?? 0) + 1);
  }
  return counts;
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
