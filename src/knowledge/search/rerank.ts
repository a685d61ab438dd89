/** Hits in the order of a model that reads query and passage together, with scores that mean what they mean without one. */
import { type Anchors, scoreOf } from "./measure.ts";
import type { Hit, SearchResult } from "./types.ts";

/** Passages that the model reads: more would find little and take long. */
export const RERANKED = 20;

type Found = Pick<SearchResult, "hits" | "best">;

/** `relevances` are those of the first hits, 0 to 1. Hits behind them keep their order. Until it is measured what they mean, they are taken as shares. */
export function reranked(hits: readonly Hit[], relevances: readonly number[], anchors: Anchors | undefined): Found {
  const read = relevances.map((relevance, i): Hit | undefined => {
    const hit = hits[i];
    const score = anchors ? scoreOf(relevance, anchors) : relevance * 100;
    return hit && { ...hit, relevance, score: Math.round(score * 10) / 10 };
  });
  const sorted = read.filter((hit) => hit !== undefined).sort((a, b) => (b.relevance ?? 0) - (a.relevance ?? 0));
  const all = [...sorted, ...hits.slice(relevances.length)];
  return { hits: all, best: Math.max(0, ...sorted.map(({ score }) => score)) };
}
