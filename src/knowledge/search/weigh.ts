/** What the words of a query weigh in a base, and which of them are searched. */
import type { Index, TermCount, WordsQuery } from "../index/types.ts";
import type { QueryTerm } from "../words/analyse.ts";
import { weightOf } from "./agreement.ts";

/** Passages that the terms of a query may stand in, all together: scoring one takes near a microsecond. */
const MOST_SCORED = 15_000;
/** Terms that are searched however frequent they are. */
const LEAST_TERMS = 2;

export interface Weighed {
  /** Every term of the query, with how many passages have it. */
  terms: TermCount[];
  /** Those that are searched: in a large base the most frequent say little and cost most. */
  searched: WordsQuery[];
  /** How many there are in the base. */
  passages: number;
  /** The share of the query's words that are in the base at all, by weight. */
  known: number;
}

export async function weigh(index: Index, base: number, query: readonly QueryTerm[]): Promise<Weighed> {
  const { terms, passages } = await index.countTerms(base, query);
  const present = terms.filter((term) => term.passages > 0).sort((a, b) => a.passages - b.passages);
  let scored = 0;
  const searched = present.filter(({ passages: count }, i) => {
    scored += count;
    return i < LEAST_TERMS || scored <= MOST_SCORED;
  });
  const weightIn = (some: readonly TermCount[]) => some.reduce((sum, term) => sum + weightOf(term.passages, passages), 0);
  const known = terms.length === 0 ? 0 : weightIn(present) / weightIn(terms);
  return { terms, searched, passages, known };
}
