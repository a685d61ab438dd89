/** What became better and what worse from one evaluation to another, question by question. */
import { type Recall, recallOf } from "./figures.ts";
import { differ } from "./recommend.ts";
import type { Result } from "./result.ts";

export interface Change {
  question: string;
  before: Result;
  now: Result;
}

export interface Difference {
  /** Questions that both have. */
  common: number;
  onlyBefore: number;
  onlyNow: number;
  /** Of the common questions alone. */
  before: Recall;
  now: Recall;
  /** Found higher, or lower; answered rightly, or no longer. */
  better: Change[];
  worse: Change[];
  /** How likely the differences of rank would be by chance. */
  chance: number;
}

/** `threshold`: the score from which a question counts as answered, in each. */
export function differenceOf(
  before: { results: readonly Result[]; threshold: number },
  now: { results: readonly Result[]; threshold: number },
): Difference {
  const old = new Map(before.results.map((result) => [keyOf(result), result]));
  const pairs = now.results.flatMap((result) => {
    const other = old.get(keyOf(result));
    return other && other.fault === undefined && result.fault === undefined
      ? [{ question: result.question, before: other, now: result }]
      : [];
  });
  const gain = (pair: Change) => worthOf(pair.now, now.threshold) - worthOf(pair.before, before.threshold);
  const placed = pairs.filter((pair) => pair.now.expected);
  const [then, since] = [placed.map((pair) => pair.before.rank), placed.map((pair) => pair.now.rank)];
  return {
    common: pairs.length,
    onlyBefore: before.results.length - pairs.length,
    onlyNow: now.results.length - pairs.length,
    before: recallOf(then),
    now: recallOf(since),
    better: pairs.filter((pair) => gain(pair) > 0).sort((a, b) => gain(b) - gain(a)),
    worse: pairs.filter((pair) => gain(pair) < 0).sort((a, b) => gain(a) - gain(b)),
    chance: differ(then, since).chance,
  };
}

/** The same words may be asked of two places. Where in the document matters not: it may have changed. */
function keyOf({ question, expected }: Result): string {
  return JSON.stringify([question, expected?.document]);
}

/** Above all whether the gate and the model were right, then how high the place was. */
function worthOf({ expected, rank, best, reply }: Result, threshold: number): number {
  const passes = best >= threshold;
  const right = reply ? reply.isRefusalRight && reply.hasAnswer !== false : passes === (expected !== undefined);
  return (right ? 1 : 0) + (rank > 0 ? 1 / rank : 0);
}
