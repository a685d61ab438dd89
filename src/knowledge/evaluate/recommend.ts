/** Which of two indexes to use, in one plain sentence, and no more than the questions can show. */
import { type Recall, recallOf } from "./figures.ts";

export interface Recommendation {
  /** `either`: these questions do not tell them apart. `words`: neither finds more than the words alone. `neither`: none could be asked. */
  use: "a" | "b" | "either" | "words" | "neither";
  sentence: string;
  /** Questions whose answer b puts higher than a, and lower. */
  better: number;
  worse: number;
  /** How likely such a difference would be by chance, if the two were equally good. */
  chance: number | undefined;
}

interface Side {
  embedder: string;
  vectors: number;
  passages: number;
  fault: string | undefined;
}

interface Compared {
  words: readonly number[];
  a: Side;
  b: Side;
  /** Ranks with words and vectors together, in the questions' order. */
  ranksOfA: readonly number[];
  ranksOfB: readonly number[];
}

/** From this chance on a difference is taken for one. */
const LIKELY = 0.1;
/** Fewer questions say little, whatever they say. */
const FEW = 20;

export function recommend({ words, a, b, ranksOfA, ranksOfB }: Compared): Recommendation {
  const none = { better: 0, worse: 0, chance: undefined };
  if (words.length === 0) return { ...none, use: "neither", sentence: "There are no questions with a place to compare by." };
  if (a.fault !== undefined && b.fault !== undefined)
    return { ...none, use: "neither", sentence: "Neither index could be asked; words alone are searched until one can." };
  if (a.fault !== undefined) return { ...none, use: "b", sentence: `Only ${b.embedder} could be asked: ${a.embedder} failed.` };
  if (b.fault !== undefined) return { ...none, use: "a", sentence: `Only ${a.embedder} could be asked: ${b.embedder} failed.` };
  const { better, worse, chance } = differ(ranksOfA, ranksOfB);
  const counts = { better, worse, chance };
  const unfinished = [a, b].find(({ vectors, passages }) => vectors < passages);
  const hint = [
    ...(words.length < FEW ? [` ${words.length} questions are few: add some before you decide.`] : []),
    ...(unfinished
      ? [` ${unfinished.embedder} has vectors for ${unfinished.vectors} of ${unfinished.passages} passages only.`]
      : []),
  ].join("");
  const both = `(R@5 ${percent(recallOf(ranksOfA))} with ${a.embedder}, ${percent(recallOf(ranksOfB))} with ${b.embedder}, ${percent(recallOf(words))} by words alone)`;
  if (chance > LIKELY) {
    if (isNoBetter(words, ranksOfA) && isNoBetter(words, ranksOfB))
      return {
        ...counts,
        use: "words",
        sentence: `Neither index finds more than the words alone ${both}: vectors are not needed for questions like these.${hint}`,
      };
    return {
      ...counts,
      use: "either",
      sentence: `These questions do not tell the two apart ${both}: stay with what is live, or take the faster one.${hint}`,
    };
  }
  const [winner, other] = better > worse ? [b, a] : [a, b];
  const [more, less] = better > worse ? [better, worse] : [worse, better];
  return {
    ...counts,
    use: winner === b ? "b" : "a",
    sentence: `Use ${winner.embedder}: it puts ${more} of ${words.length} answers higher than ${other.embedder} does, and ${less} lower ${both}.${hint}`,
  };
}

/** By the sign test: how many questions are better and worse, and how likely that is when a coin decides. */
export function differ(before: readonly number[], now: readonly number[]): { better: number; worse: number; chance: number } {
  const gains = now.map((rank, i) => value(rank) - value(before[i] ?? 0));
  const better = gains.filter((gain) => gain > 0).length;
  const worse = gains.filter((gain) => gain < 0).length;
  return { better, worse, chance: coin(better + worse, Math.max(better, worse)) };
}

/** Whether the second finds no more than the first, as far as the questions tell. */
function isNoBetter(first: readonly number[], second: readonly number[]): boolean {
  const { better, worse, chance } = differ(first, second);
  return better <= worse || chance > LIKELY;
}

function value(rank: number): number {
  return rank > 0 ? 1 / rank : 0;
}

/** The chance that of `tosses` of a coin at least `most` fall on one side, whichever. */
function coin(tosses: number, most: number): number {
  if (tosses === 0) return 1;
  let term = 0.5 ** Math.min(tosses, 1000);
  let sum = 0;
  // Above a thousand tosses the normal distribution is exact enough.
  if (tosses > 1000) return Math.min(1, 2 * normalTail((most - 0.5 - tosses / 2) / (Math.sqrt(tosses) / 2)));
  for (let k = tosses; k >= most; k--) {
    sum += term;
    term *= k / (tosses - k + 1);
  }
  return Math.min(1, 2 * sum);
}

/** Abramowitz and Stegun, Handbook of Mathematical Functions, 26.2.17. */
function normalTail(z: number): number {
  if (z <= 0) return 0.5;
  const t = 1 / (1 + 0.2316419 * z);
  const polynomial = t * (0.31938153 + t * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429))));
  return (polynomial * Math.exp((-z * z) / 2)) / Math.sqrt(2 * Math.PI);
}

function percent({ at5 }: Recall): string {
  return `${((at5 ?? 0) * 100).toFixed(1)} %`;
}
