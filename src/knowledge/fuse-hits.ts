/** What several searches for one question found, made one list. */
import type { Hit } from "./sources.ts";

/** The usual constant of reciprocal rank fusion. */
const RANK_CONSTANT = 60;

/** The best first. A passage that several found has the best of its scores. */
export function fuseHits<T extends Hit>(lists: readonly (readonly T[])[]): T[] {
  const found = new Map<string, { hit: T; sum: number }>();
  for (const hits of lists) {
    for (const [rank, hit] of hits.entries()) {
      const key = `${hit.documentId} ${hit.start} ${hit.end}`;
      const known = found.get(key);
      const sum = (known?.sum ?? 0) + 1 / (RANK_CONSTANT + rank + 1);
      found.set(key, { hit: known && known.hit.score > hit.score ? known.hit : hit, sum });
    }
  }
  return [...found.values()].sort((a, b) => b.sum - a.sum || b.hit.score - a.hit.score).map(({ hit }) => hit);
}
