/** The two ways to find passages, and their ranks made one. */
import type { Found, Index, WordsQuery } from "../index/types.ts";
import type { QueryTerm } from "../words/analyse.ts";

/** Ranks this far down still count for something. The usual constant of reciprocal rank fusion. */
const RANK_CONSTANT = 60;
/** Passages that the terms of a query may stand in, all together: scoring one takes near a microsecond. */
const MOST_SCORED = 15_000;
/** Terms that are searched however frequent they are. */
const LEAST_TERMS = 2;

export interface Weighed {
  /** Every term of the query, with what it weighs: how telling it is in this base. */
  terms: (WordsQuery & { weight: number; passages: number })[];
  /** Those that are searched: in a large base the most frequent say little and cost most. */
  searched: WordsQuery[];
  /** What a word weighs that is nowhere in the base. */
  unknownWeight: number;
}

export async function weigh(index: Index, base: number, query: readonly QueryTerm[]): Promise<Weighed> {
  const { terms, passages } = await index.countTerms(base, query);
  const weighed = terms.map((term) => ({ ...term, weight: weightOf(term.passages, passages) }));
  const present = weighed.filter((term) => term.passages > 0).sort((a, b) => a.passages - b.passages);
  let scored = 0;
  const searched = present.filter(({ passages: count }, i) => {
    scored += count;
    return i < LEAST_TERMS || scored <= MOST_SCORED;
  });
  return { terms: weighed, searched, unknownWeight: weightOf(0, passages) };
}

/** BM25's weight of a term, in the form that never falls below 0. */
function weightOf(count: number, passages: number): number {
  return Math.log(1 + (passages - Math.min(count, passages) + 0.5) / (count + 0.5));
}

/** Reciprocal rank fusion: the best first. */
export function fuse(legs: readonly (readonly Found[])[]): number[] {
  const sums = new Map<number, number>();
  for (const leg of legs) {
    leg.forEach(({ passage }, rank) => {
      sums.set(passage, (sums.get(passage) ?? 0) + 1 / (RANK_CONSTANT + rank + 1));
    });
  }
  return [...sums].sort(([p, a], [q, b]) => b - a || p - q).map(([passage]) => passage);
}
