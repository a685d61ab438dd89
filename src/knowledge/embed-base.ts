/** Brings the vectors that are searched up to date with the documents. */
import type { KnowledgeStore } from "./bases.ts";
import { type FillOptions, fillSpace } from "./fill.ts";

/** `notice`: why vectors could not be brought up to date, when that is nothing that trying again would help. */
export async function embedBase(store: KnowledgeStore, id: number, options: FillOptions): Promise<{ notice?: string }> {
  const base = store.byId(id);
  if (base.settings.embedder === undefined) return {};
  const lack = await store.writer.lackOfVectors();
  if (lack !== undefined) return { notice: lack };
  const embedder = await store.embedder(base.settings.embedder);
  if (base.liveSpace === undefined) {
    const space = await store.writer.openSpace(id, { name: embedder.name, digest: embedder.digest });
    await store.writer.goLive(id, space.id);
    await fillSpace(store.writer, space, embedder, options);
    return {};
  }
  const live = store.space(base.liveSpace);
  if (live.digest !== embedder.digest) return { notice: changedNotice(live.embedder, embedder.name) };
  await fillSpace(store.writer, live, embedder, options);
  return {};
}

export function changedNotice(was: string, is: string): string {
  return was === is
    ? `the embedding model ${is} is not the one that this base was indexed with: its words are searched alone for what is new until a new index is built`
    : `this base is indexed with ${was}, not with ${is}: build an index with ${is} to change over`;
}
