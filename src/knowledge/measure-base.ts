/** Measures what scores mean in a base, when it has grown or has other vectors; see `search/measure.ts`. */
import type { KnowledgeStore } from "./bases.ts";
import { type Embedder, unitVector } from "./embedder.ts";
import type { Reranker } from "./reranker.ts";
import type { Kept } from "./search/anchors.ts";
import { ABSENT_QUANTILE, anchorsOf, type Measured, mean } from "./search/measure.ts";
import type { Probe, ProbeSignals } from "./search/probe.ts";

/** A reranking model reads slowly: so many questions, evenly over all, and so many passages each. */
const RERANKED_PROBES = 24;
const RERANKED_PASSAGES = 10;

export async function measureIfStale(store: KnowledgeStore, id: number, signal?: AbortSignal): Promise<void> {
  const { liveSpace, settings } = store.byId(id);
  // What words agree needs no measuring.
  if (liveSpace === undefined && settings.reranker === undefined) return;
  if (!store.isMeasured(id, liveSpace, await rerankerOf(store, id))) await measureBase(store, id, liveSpace, signal);
}

/** What a space's cosines mean and how much they find beside the words, and what a reranking model's relevances mean. */
export async function measureBase(
  store: KnowledgeStore,
  id: number,
  space: number | undefined,
  signal?: AbortSignal,
): Promise<void> {
  const { passages } = store.byId(id);
  const probes = await store.searcher.probes(id);
  const vectors = space === undefined ? [] : await vectorsOf(store, space, probes);
  const meaning = nothing();
  const wordRanks: number[] = [];
  for (const [i, probe] of probes.entries()) {
    signal?.throwIfAborted();
    const vector = vectors[i];
    const found = await store.searcher.signalsOf(id, probe, space !== undefined && vector ? { space, vector } : undefined);
    wordRanks.push(found.wordRank);
    note(meaning, found.meaning);
  }
  const reranker = await measureReranker(store, id, probes, signal);
  await store.writer.keepAnchors({ base: id }, { finds: mean(wordRanks), passages, ...(reranker && { reranker }) });
  // Without its embedder a space is measured another time.
  if (space === undefined || meaning.ranks.length === 0) return;
  const near = anchorsOf(meaning, ABSENT_QUANTILE.meaning);
  await store.writer.keepAnchors({ space }, { ...(near && { anchors: near }), finds: mean(meaning.ranks), passages });
}

/** What the base's reranking model says of passages with the answer and without; undefined when there is none that works. */
async function measureReranker(
  store: KnowledgeStore,
  id: number,
  probes: readonly Probe[],
  signal: AbortSignal | undefined,
): Promise<Kept["reranker"]> {
  const reranker = await rerankerOf(store, id);
  if (!reranker) return;
  const measured = nothing();
  const step = Math.max(1, probes.length / RERANKED_PROBES);
  for (let at = 0; at < probes.length; at += step) {
    signal?.throwIfAborted();
    const probe = probes[Math.floor(at)];
    if (!probe) continue;
    const { passages, stranger } = await store.searcher.candidatesOf(id, probe, RERANKED_PASSAGES);
    const texts = [...passages.map(({ text }) => text), ...(stranger === undefined ? [] : [stranger])];
    const relevances = await reranker.rank(probe.text, texts).catch(() => []);
    if (texts.length === 0 || relevances.length !== texts.length) continue;
    const best = (of: (passage: { isHome: boolean }) => boolean) =>
      Math.max(0, ...passages.flatMap((passage, i) => (of(passage) ? (relevances[i] ?? 0) : [])));
    measured.present.push(best(() => true));
    measured.absent.push(best(({ isHome }) => !isHome));
    if (stranger !== undefined) measured.chance.push(relevances.at(-1) ?? 0);
  }
  const anchors = anchorsOf(measured, ABSENT_QUANTILE.reranker);
  return { digest: reranker.digest, ...(anchors && { anchors }) };
}

async function rerankerOf(store: KnowledgeStore, id: number): Promise<Reranker | undefined> {
  const { reranker } = store.byId(id).settings;
  return reranker === undefined ? undefined : await store.reranker(reranker).catch(() => undefined);
}

function nothing(): Measured {
  return { chance: [], absent: [], present: [], ranks: [] };
}

function note(measured: Measured, signals: ProbeSignals["meaning"]): void {
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
