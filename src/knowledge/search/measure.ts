/**
 * What a score of 0 to 100 means. What words agree says it by itself (`agreement.ts`). A cosine says nothing: 0.6 is chance with one
 * embedder and a sure hit with another, and so it is with the relevance of a reranking model. So each base is measured: pieces of its
 * own sentences are searched for, once as they are, and once without the document that they come from, which is what a question is
 * that the base cannot answer. Three points of each signal are kept, and scores are lines between them.
 */

export interface Anchors {
  /** What a passage picked at random gets: score 0. */
  chance: number;
  /** What the best of the other documents' passages hardly ever gets: score 50. */
  absent: number;
  /** What the right passage gets: score 100. */
  present: number;
}

/**
 * Of the agreement of words, in every base. Large and small bases of three question sets all refuse at least 0.85 of the questions whose
 * article was never there, and answer some 0.93 or more of the others (docs/knowledge-quality.md).
 */
export const WORDS: Anchors = { chance: 0, absent: 0.97, present: 2.9 };

/** Until a base is measured, and for bases of a document or two, which cannot be. Typical values of several test sets. */
export const UNMEASURED: { meaning: Anchors; share: number } = {
  meaning: { chance: 0.1, absent: 0.5, present: 0.9 },
  share: 0.3,
};

/** From this on a question is taken as answered by the documents. */
export const DEFAULT_THRESHOLD = 50;

/** Which share of questions without their document stays below 50. By meaning it is more: whichever of words and meaning is higher decides. */
export const ABSENT_QUANTILE = { meaning: 0.97, reranker: 0.9 };
/** Fewer measurements say nothing. */
const LEAST_MEASURED = 20;

/** 0 to 100. A passage that has nothing of the query gets 0, one that has all of it 100. */
export function scoreOf(signal: number, { chance, absent, present }: Anchors): number {
  if (!(signal > chance)) return 0;
  if (signal >= present) return 100;
  return signal < absent ? (50 * (signal - chance)) / (absent - chance) : 50 + (50 * (signal - absent)) / (present - absent);
}

/** The best signals of many questions, with and without their document, and the signals of passages at random. */
export interface Measured {
  chance: number[];
  absent: number[];
  present: number[];
  /** 1 / rank of the passage that the question is from; 0 when it was not found. */
  ranks: number[];
}

/** `undefined` when there were too few, or the two cannot be told apart. */
export function anchorsOf({ chance, absent, present }: Measured, absentQuantile: number): Anchors | undefined {
  if (absent.length < LEAST_MEASURED || present.length < LEAST_MEASURED) return;
  const anchors = {
    chance: quantile(chance, 0.5),
    absent: quantile(absent, absentQuantile),
    present: quantile(present, 0.5),
  };
  const { chance: low, absent: middle, present: high } = anchors;
  return low < middle && middle < high ? anchors : undefined;
}

export function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / Math.max(values.length, 1);
}

function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
}
