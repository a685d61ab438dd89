/** What the words of a query weigh in a base, and which of them are searched. */
import type { Index, WordsQuery } from "../index/types.ts";
import type { QueryTerm } from "../words/analyse.ts";

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
  /** The share of the query's words that are in the base at all, by weight. */
  known: number;
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
  const sum = (some: readonly { weight: number }[]) => some.reduce((total, { weight }) => total + weight, 0);
  const known = weighed.length === 0 ? 0 : sum(present) / sum(weighed);
  return { terms: weighed, searched, unknownWeight: weightOf(0, passages), known };
}

/** BM25's weight of a term, in the form that never falls below 0. */
function weightOf(count: number, passages: number): number {
  return Math.log(1 + (passages - Math.min(count, passages) + 0.5) / (count + 0.5));
}
