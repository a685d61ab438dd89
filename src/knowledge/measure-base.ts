/** Measures what scores mean in a base, when it has grown or has other vectors; see `search/measure.ts`. */
import type { KnowledgeStore } from "./bases.ts";
import { type Embedder, unitVector } from "./embedder.ts";
import { ABSENT_QUANTILE, anchorsOf, type Measured, mean } from "./search/measure.ts";
import type { Probe, ProbeSignals } from "./search/probe.ts";

export async function measureIfStale(store: KnowledgeStore, id: number, signal?: AbortSignal): Promise<void> {
  const { liveSpace } = store.byId(id);
  if (!store.isMeasured(id, liveSpace)) await measureBase(store, id, liveSpace, signal);
}

/** Scores of the words, and of one space where it is given. */
export async function measureBase(
  store: KnowledgeStore,
  id: number,
  space: number | undefined,
  signal?: AbortSignal,
): Promise<void> {
  const { passages } = store.byId(id);
  const probes = await store.searcher.probes(id);
  const vectors = space === undefined ? [] : await vectorsOf(store, space, probes);
  const words: Measured = { chance: [], absent: [], present: [], ranks: [] };
  const meaning: Measured = { chance: [], absent: [], present: [], ranks: [] };
  for (const [i, probe] of probes.entries()) {
    signal?.throwIfAborted();
    const vector = vectors[i];
    const found = await store.searcher.signalsOf(id, probe, space !== undefined && vector ? { space, vector } : undefined);
    note(words, found.words);
    note(meaning, found.meaning);
  }
  const anchors = anchorsOf(words, ABSENT_QUANTILE.words);
  await store.writer.keepAnchors({ base: id }, { ...(anchors && { anchors }), finds: mean(words.ranks), passages });
  // Without its embedder a space is measured another time.
  if (space === undefined || meaning.ranks.length === 0) return;
  const near = anchorsOf(meaning, ABSENT_QUANTILE.meaning);
  await store.writer.keepAnchors({ space }, { ...(near && { anchors: near }), finds: mean(meaning.ranks), passages });
}

function note(measured: Measured, signals: ProbeSignals["words"] | undefined): void {
  if (!signals) return;
  measured.present.push(signals.present);
  measured.ranks.push(signals.rank);
  if (signals.absent !== undefined) measured.absent.push(signals.absent);
  if (signals.chance !== undefined) measured.chance.push(signals.chance);
}

/** Nothing when the embedder is not there: its scores are then measured another time. */
async function vectorsOf(store: KnowledgeStore, id: number, probes: readonly Probe[]): Promise<(Float32Array | undefined)[]> {
  const space = store.space(id);
  const embedder: Embedder | undefined = await store.embedder(space.embedder).catch(() => undefined);
  if (embedder?.digest !== space.digest) return [];
  const made = await embedder
    .embed(
      probes.map(({ text }) => text),
      "query",
    )
    .catch(() => []);
  return made.map((vector) => {
    const unit = unitVector(vector, space.dimensions);
    return typeof unit === "string" ? undefined : unit;
  });
}
