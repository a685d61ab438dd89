/** How passages are ranked by words, the same in every index: BM25 as SQLite's FTS5 computes it. */

/** How soon a term that is there more often says no more, and how much a long passage must have it more often. */
export const BM25 = { k1: 1.2, b: 0.75 };

/** A word in the title or a heading says more of what a passage is about: it counts as if it were there so often. */
export const FIELD_WEIGHTS = { title: 2, headings: 2, body: 1 };

/** What a term weighs that stands in `count` of so many passages. One that stands in half of them or more hardly counts. */
export function inverseFrequency(count: number, passages: number): number {
  return Math.max(Math.log((passages - count + 0.5) / (count + 0.5)), 1e-6);
}
