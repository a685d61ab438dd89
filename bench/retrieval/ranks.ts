/** Where in a list the right one is, over many questions. */

export interface Ranks {
  questions: number;
  /** Share of questions whose paragraph comes first, and among the first five. */
  r1: number;
  r5: number;
  /** The mean of 1 / rank, of the first ten. */
  mrr: number;
}

const DEEPEST = 10;

/** `ranks` count from 1; undefined: not found. */
export function ranksOf(ranks: readonly (number | undefined)[]): Ranks {
  const within = (most: number) => ranks.filter((rank) => rank !== undefined && rank <= most).length / ranks.length;
  const sum = ranks.reduce<number>((total, rank) => total + (rank !== undefined && rank <= DEEPEST ? 1 / rank : 0), 0);
  return { questions: ranks.length, r1: within(1), r5: within(5), mrr: sum / ranks.length };
}

/** Area under the curve: how often a question with its answer scores higher than one without. Ties count half. */
export function areaUnder(present: readonly number[], absent: readonly number[]): number {
  const all = [
    ...present.map((score) => ({ score, isPresent: true })),
    ...absent.map((score) => ({ score, isPresent: false })),
  ].sort((a, b) => a.score - b.score);
  let area = 0;
  let below = 0;
  for (let from = 0; from < all.length; ) {
    let to = from;
    while (to < all.length && all[to]?.score === all[from]?.score) to++;
    const tied = all.slice(from, to);
    const absentHere = tied.filter(({ isPresent }) => !isPresent).length;
    area += (tied.length - absentHere) * (below + absentHere / 2);
    below += absentHere;
    from = to;
  }
  return area / (present.length * absent.length);
}

export function shareAtLeast(scores: readonly number[], threshold: number): number {
  return scores.filter((score) => score >= threshold).length / scores.length;
}
