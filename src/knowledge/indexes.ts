/**
 * The indexes of a base: its words, and vectors of one embedder or several, of which one set is searched. Another is built beside it, takes
 * its place at once, and can give it back. Nothing is ever wiped on the way.
 */
import { PunaError } from "../errors.ts";
import type { KnowledgeStore, SpaceState } from "./bases.ts";
import type { Base } from "./rows/bases.ts";
import type { Job } from "./rows/jobs.ts";
import type { Space } from "./rows/spaces.ts";

/** Begins, or goes on with, an index of this embedder. Throws what `store.embedder` throws. */
export async function buildBeside(
  store: KnowledgeStore,
  base: number,
  embedderName: string,
  { goesLive }: { goesLive: boolean },
): Promise<{ space: Space; job: Job }> {
  const { name, digest } = await store.embedder(embedderName);
  const space = await store.writer.openSpace(base, { name, digest });
  return { space, job: await build(store, base, space, goesLive) };
}

async function build(store: KnowledgeStore, base: number, { id, embedder }: Space, goesLive: boolean): Promise<Job> {
  const open = store.openBuild(base, id);
  if (open !== undefined && !goesLive) return store.job(open);
  await store.writer.clearFaults(id);
  return await store.add(base, [{ place: `index of ${embedder}`, source: { kind: "index", space: id, goesLive } }]);
}

/** Whether every passage has its vector, or a reason for having none. */
export function isComplete(
  { vectors, faults }: Pick<SpaceState, "vectors" | "faults">,
  { passages }: Pick<Base, "passages">,
): boolean {
  return vectors + faults >= passages;
}

/** Searches these vectors from now on. Throws NotFound, and PunaError 409 while they are not complete. */
export async function makeLive(store: KnowledgeStore, base: number, space: number): Promise<Base> {
  const state = await stateOf(store, base, space);
  const { passages } = store.byId(base);
  if (!isComplete(state, { passages }))
    throw new PunaError(
      409,
      `this index has vectors of ${state.vectors} of ${passages} passages: build it to its end first (POST .../indexes with its embedder)`,
    );
  return await store.writer.goLive(base, space);
}

/** Searches what was searched before the last change. What has been added since is filled in behind. Throws PunaError 409 when there is none. */
export async function rollBack(store: KnowledgeStore, base: number): Promise<Base> {
  const { oldSpace } = store.byId(base);
  if (oldSpace === undefined)
    throw new PunaError(409, "there is no index before this one; to search by words alone, take the embedder away");
  const before = await stateOf(store, base, oldSpace);
  const now = await store.writer.goLive(base, oldSpace);
  if (!isComplete(before, now)) await build(store, base, before, false);
  return now;
}

/** Throws NotFound, and PunaError 409 for the index that is searched. */
export async function drop(store: KnowledgeStore, base: number, space: number): Promise<void> {
  await stateOf(store, base, space);
  await store.writer.dropSpace(base, space);
  const open = store.openBuild(base, space);
  if (open !== undefined) await store.cancel(open);
}

/** Cuts all documents anew from their stored texts, as the settings now say, and makes words and vectors of what changed. */
export async function reset(store: KnowledgeStore, base: number): Promise<Job> {
  return await store.add(base, [{ place: "all documents", source: { kind: "cut" } }]);
}

/**
 * What a base is to be embedded with, or nothing. Throws before anything is changed; the change is made by what comes back.
 * Throws PunaError 409 when vectors of another embedder are searched: those are to be replaced, not forgotten.
 */
export async function plannedEmbedder(store: KnowledgeStore, base: Base, name: string | undefined): Promise<() => Promise<void>> {
  if (name === undefined) {
    return async () => {
      await store.writer.goLive(base.id, undefined);
    };
  }
  const embedder = await store.embedder(name);
  if (base.liveSpace !== undefined) {
    const live = store.space(base.liveSpace);
    if (live.digest === embedder.digest) return async () => {};
    throw new PunaError(
      409,
      `this base is indexed with ${live.embedder}: build an index with ${embedder.name} beside it (POST .../indexes), compare, and make that one live`,
    );
  }
  return async () => {
    await store.writer.updateBase(base.id, { settings: { embedder: embedder.name } });
    await buildBeside(store, base.id, embedder.name, { goesLive: true });
  };
}

/** Throws NotFound, also for one of another base. */
export async function stateOf(store: KnowledgeStore, base: number, space: number): Promise<SpaceState> {
  const found = (await store.spaces(base)).find(({ id }) => id === space);
  if (!found) throw new PunaError(404, `there is no index ${space} in this knowledge base`);
  return found;
}
