/**
 * How far the words that a passage shares with a query go beyond what chance gives. Words alone say little: a question shares some with
 * any text, more of them in a large base, and how many depends on the language. So what is shared is set against the best that some
 * passage would have if every word of the query were strewn over the base at random, as often as it is there. On three question sets in
 * two languages, in bases of 30 to 700 passages, one threshold of this number parts questions with their article from those without
 * (docs/knowledge-quality.md); no threshold of BM25, or of the share of the words, holds for two of them.
 */
import type { Terms } from "./match.ts";
import type { Weighed } from "./weigh.ts";

/** How soon a word that is there more often says no more: BM25's k1. */
const SATURATION = 1.2;
/** As if a base had this many more passages, with nothing of the query: in a small one no word would be rare. */
const MORE_PASSAGES = 300;
/** As if a word that is nowhere stood in so much of a passage: a question about what the base lacks has words that it might as well have. */
const LEAST_COUNT = 0.25;
/** How much of the measure is chance; the rest is all that the query asks for. */
const CHANCE_SHARE = 0.85;
/** Chance gives no more than this of a query: to have all of its words is an answer. */
const MOST_BY_CHANCE = 0.8;
/**
 * Words are not strewn at random: passages about one thing share them, and the more passages, the luckier the best of them. As measured in
 * bases of 300 to 1,000 passages (with MORE_PASSAGES); beyond that nothing is known, and nothing more is added.
 */
const LUCK_FROM = 7;
const LUCK_TO = Math.log(2 * 1300);
const BISECTIONS = 40;

export interface Agreement {
  /** 0 when nothing is shared; near 1 what the best of all passages has by chance; above it as a rule the passage is about it. */
  of(passage: Terms): number;
}

/** What the terms of one query are worth in one base. */
export function agreementWith({ terms, passages }: Pick<Weighed, "terms" | "passages">): Agreement {
  const all = passages + MORE_PASSAGES;
  // Squared: one rare word says more than two usual ones.
  const worth = terms.map((term) => ({ ...term, worth: weightOf(term.passages, all) ** 2 }));
  const total = worth.reduce((sum, term) => sum + term.worth, 0);
  const known = worth.filter((term) => term.passages > 0);
  const chance = Math.min(
    total * MOST_BY_CHANCE,
    bestByChance(
      worth.map((term) => ({ worth: term.worth, share: Math.max(term.passages, LEAST_COUNT) / all })),
      all,
    ),
  );
  const luck = (Math.min(Math.log(2 * all), LUCK_TO) / LUCK_FROM) ** 2;
  const measure = chance ** CHANCE_SHARE * total ** (1 - CHANCE_SHARE) * luck;
  return {
    of(passage) {
      let shared = 0;
      for (const term of known) {
        const count = term.isPrefix ? countOfPrefix(passage, term.term) : (passage.get(term.term) ?? 0);
        shared += (term.worth * count * (1 + SATURATION)) / (count + SATURATION);
      }
      return shared === 0 ? 0 : shared / measure;
    },
  };
}

/**
 * The sum that the luckiest of so many passages reaches when each has each word with its own probability: where Chernoff's bound on
 * the tail of that sum is one passage.
 */
function bestByChance(words: readonly { worth: number; share: number }[], passages: number): number {
  const rare = Math.log(passages);
  let [low, high] = [0, 20];
  let best = 0;
  for (let i = 0; i < BISECTIONS; i++) {
    const tilt = (low + high) / 2;
    let [logMoment, mean] = [0, 0];
    for (const { worth, share } of words) {
      const weight = share * Math.exp(Math.min(600, tilt * worth));
      logMoment += Math.log(1 - share + weight);
      mean += (worth * weight) / (1 - share + weight);
    }
    best = mean;
    if (tilt * mean - logMoment < rare) low = tilt;
    else high = tilt;
  }
  return best;
}

/** BM25's weight of a term, in the form that never falls below 0. */
export function weightOf(count: number, passages: number): number {
  return Math.log(1 + (passages - Math.min(count, passages) + 0.5) / (count + 0.5));
}

function countOfPrefix(passage: Terms, prefix: string): number {
  let count = 0;
  for (const [term, times] of passage) if (term.startsWith(prefix)) count += times;
  return count;
}
