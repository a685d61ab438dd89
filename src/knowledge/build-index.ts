/** Vectors of a whole base by one embedder, beside those that are searched meanwhile. Ended at any point, the next call goes on. */
import { PunaError } from "../errors.ts";
import type { KnowledgeStore } from "./bases.ts";
import { fillSpace } from "./fill.ts";
import { measureBase } from "./measure-base.ts";
import type { IndexSource } from "./rows/jobs.ts";

/** Throws PunaError 409 when the embedder is not the one any more that began it. */
export async function buildIndex(
  store: KnowledgeStore,
  base: number,
  { space: id, goesLive }: IndexSource,
  signal: AbortSignal,
): Promise<void> {
  const space = store.space(id);
  const embedder = await store.embedder(space.embedder);
  if (embedder.digest !== space.digest)
    throw new PunaError(409, `${space.embedder} is another model now than when this index was begun: build a new index`);
  await fillSpace(store.writer, space, embedder, { signal });
  await measureBase(store, base, id, signal);
  if (goesLive) await store.writer.goLive(base, id);
}
