/**
 * Two indexes of one base, asked the same questions: words alone, each embedder's vectors alone, and both together as the base is
 * searched. An index that cannot be asked is reported and takes no part.
 */
import { messageOf } from "../../errors.ts";
import type { KnowledgeStore } from "../bases.ts";
import { unitVector } from "../embedder.ts";
import { measureBase } from "../measure-base.ts";
import { search } from "../search.ts";
import { DEPTH, rankOf } from "./ask-questions.ts";
import { type Recall, recallOf } from "./figures.ts";
import { type Recommendation, recommend } from "./recommend.ts";
import type { GoldenPlace, PlacedQuestion } from "./types.ts";

export interface Side {
  space: number;
  embedder: string;
  digest: string;
  /** Passages that have a vector, of how many. */
  vectors: number;
  passages: number;
  /** Vectors alone. */
  alone: Recall | undefined;
  /** Words and vectors together. */
  hybrid: Recall | undefined;
  /** Why it could not be asked. */
  fault: string | undefined;
}

export interface Comparison {
  questions: number;
  words: Recall;
  a: Side;
  b: Side;
  recommendation: Recommendation;
}

/** The ranks of one question's answer in each way of searching. */
export interface RankedQuestion {
  question: string;
  place: GoldenPlace;
  words: number;
  a: number | undefined;
  b: number | undefined;
}

interface Asked {
  side: Side;
  alone: number[];
  hybrid: number[];
}

export interface CompareOptions {
  base: number;
  a: number;
  b: number;
  questions: readonly PlacedQuestion[];
  signal: AbortSignal;
  /** Told of each question when it was asked in every way. */
  onQuestion: (ranked: RankedQuestion) => void | Promise<void>;
}

export async function compareIndexes(store: KnowledgeStore, options: CompareOptions): Promise<Comparison> {
  const { base, signal, onQuestion } = options;
  const questions = options.questions.flatMap(({ question, place }) =>
    place?.documentId === undefined ? [] : [{ question, place }],
  );
  const [a, b] = [await open(store, base, options.a, signal), await open(store, base, options.b, signal)];
  const words: number[] = [];
  for (const { question, place } of questions) {
    signal.throwIfAborted();
    const byWords = await search(store, base, { query: question, limit: DEPTH, space: null });
    words.push(rankOf(byWords.hits, place));
    for (const asked of [a, b]) await ask(store, base, { question, place }, asked);
    const rank = ({ side, hybrid }: Asked) => (side.fault === undefined ? hybrid.at(-1) : undefined);
    await onQuestion({ question, place, words: words.at(-1) ?? 0, a: rank(a), b: rank(b) });
  }
  for (const { side, alone, hybrid } of [a, b]) {
    if (side.fault !== undefined) continue;
    side.alone = recallOf(alone);
    side.hybrid = recallOf(hybrid);
  }
  const recommendation = recommend({ words, a: a.side, b: b.side, ranksOfA: a.hybrid, ranksOfB: b.hybrid });
  return { questions: questions.length, words: recallOf(words), a: a.side, b: b.side, recommendation };
}

/** Also measures what its scores mean, as is done for an index when it goes live. */
async function open(store: KnowledgeStore, base: number, id: number, signal: AbortSignal): Promise<Asked> {
  const space = store.space(id);
  const { passages } = store.byId(base);
  const vectors = await store.searcher.countVectors(id);
  const { embedder, digest } = space;
  const side: Side = {
    ...{ space: id, embedder, digest, vectors, passages },
    ...{ alone: undefined, hybrid: undefined, fault: undefined },
  };
  try {
    const found = await store.embedder(embedder);
    if (found.digest !== digest) throw new Error(`the embedding model ${embedder} is not the one that made this index`);
    if (vectors === 0) throw new Error("it has no vectors yet: build it first");
    if (!store.isMeasured(base, id)) await measureBase(store, base, id, signal);
  } catch (error) {
    signal.throwIfAborted();
    side.fault = messageOf(error);
  }
  return { side, alone: [], hybrid: [] };
}

/** An embedder that fails takes its index out. */
async function ask(
  store: KnowledgeStore,
  base: number,
  { question, place }: { question: string; place: GoldenPlace },
  { side, alone, hybrid }: Asked,
): Promise<void> {
  if (side.fault !== undefined) return;
  try {
    const embedder = await store.embedder(side.embedder);
    const [made] = await embedder.embed([question], "query");
    const vector = unitVector(made, store.space(side.space).dimensions);
    if (typeof vector === "string") throw new Error(vector);
    alone.push(rankOf(await store.searcher.nearest(side.space, vector, DEPTH), place));
    const found = await search(store, base, { query: question, limit: DEPTH, space: side.space });
    const [notice] = found.notices;
    if (notice !== undefined) throw new Error(notice);
    hybrid.push(rankOf(found.hits, place));
  } catch (error) {
    side.fault = `${messageOf(error)} (question ${JSON.stringify(question.slice(0, 80))})`;
  }
}
