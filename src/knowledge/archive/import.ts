/** A base from the file that one was exported to. All of it is looked at before anything is changed; it is there when all of it is. */
import { Invalid } from "../../errors.ts";
import type { KnowledgeStore } from "../bases.ts";
import type { Base } from "../rows/bases.ts";
import type { Kept } from "../search/anchors.ts";
import { newWorker } from "../worker.ts";
import { type Manifest, wrong } from "./format.ts";
import { partsOf } from "./parts.ts";
import { checkQuestions } from "./questions.ts";
import type { DocumentPart } from "./take.ts";

/** Bytes of documents in one transaction. */
const BATCH_BYTES = 4 << 20;

export interface Imported {
  base: Base;
  /** Sentences for the user about what was left out. */
  notices: string[];
}

interface ImportOptions {
  owner?: string;
  /** Another than the base had. */
  name?: string | undefined;
  signal?: AbortSignal | undefined;
  /** Throws when the caller may have no base of this name. */
  allow?: ((base: { name: string }) => unknown) | undefined;
}

/** Throws Invalid for a file that cannot be used, PunaError 409 for a name in use. */
export async function importBase(
  store: KnowledgeStore,
  file: string,
  { owner = "", name, signal, allow }: ImportOptions = {},
): Promise<Imported> {
  const manifest = await check(store, file, signal);
  allow?.({ name: name ?? manifest.name });
  const { wanted, notices } = await vectorsWanted(store, manifest);
  const base = await store.writer.beginArrival({
    ...{ owner, name: name ?? manifest.name, settings: settingsOf(manifest) },
    who: newWorker(),
  });
  try {
    const space = wanted && (await store.writer.openSpace(base.id, { name: wanted.embedder, digest: wanted.digest }));
    let batch: DocumentPart[] = [];
    let bytes = 0;
    const flush = async () => {
      signal?.throwIfAborted();
      if (batch.length > 0) await store.writer.takeParts(base.id, batch, space?.id);
      batch = [];
      bytes = 0;
    };
    for await (const part of partsOf(file)) {
      if ("document" in part) {
        batch.push(space ? part : { ...part, vectors: undefined });
        bytes += part.document.length + (part.vectors?.length ?? 0);
        if (bytes >= BATCH_BYTES) await flush();
      } else if ("questions" in part) {
        await flush();
        await store.writer.takeQuestions(base.id, part.questions);
      }
    }
    const measures = [manifest.measure, manifest.vectors?.measure].map((one) => (one as Kept | null | undefined) ?? undefined);
    return {
      base: await store.writer.endArrival(base.id, { owner, space: space?.id, createdAt: manifest.created_at, measures }),
      notices,
    };
  } catch (error) {
    await store.writer.removeBase(base.id).catch(() => {});
    throw error;
  }
}

async function check(store: KnowledgeStore, file: string, signal: AbortSignal | undefined): Promise<Manifest> {
  let manifest: Manifest | undefined;
  const digests = new Set<string>();
  const places = new Set<string>();
  let passages = 0;
  for await (const part of partsOf(file)) {
    signal?.throwIfAborted();
    if ("manifest" in part) manifest = part.manifest;
    else if ("document" in part) {
      const summary = await store.writer.checkPart(part, manifest?.vectors?.dimensions);
      passages += summary.passages;
      if (digests.has(summary.sha256)) throw new Invalid(`the file has the document ${summary.sha256} twice`);
      digests.add(summary.sha256);
      for (const place of summary.places) {
        if (places.has(place)) throw new Invalid(`the file has two documents at ${JSON.stringify(place)}`);
        places.add(place);
      }
    } else if (manifest) checkQuestions(part.questions, manifest);
  }
  if (!manifest) throw new Invalid("the file is no export of a knowledge base");
  if (manifest.passages !== passages) throw wrong("manifest.json", `there are ${passages} passages, not ${manifest.passages}`);
  return manifest;
}

/** Vectors are of use only with the very embedder that made them. */
async function vectorsWanted(
  store: KnowledgeStore,
  { vectors }: Manifest,
): Promise<{ wanted: Manifest["vectors"] | undefined; notices: string[] }> {
  if (!vectors) return { wanted: undefined, notices: [] };
  const without = (why: string) => ({ wanted: undefined, notices: [`the vectors of ${vectors.embedder} were left out: ${why}`] });
  const lack = await store.writer.lackOfVectors();
  if (lack !== undefined) return without(lack);
  const embedder = await store.embedder(vectors.embedder).catch(() => undefined);
  if (!embedder) return without(`this model is not here; pull it, then build an index with it`);
  if (embedder.digest !== vectors.digest) return without("the model of that name here is another one; build an index with it");
  return { wanted: vectors, notices: [] };
}

function settingsOf({
  settings: { passage_tokens: passageTokens, most_passage_tokens: mostPassageTokens, ...settings },
}: Manifest) {
  const given = Object.fromEntries(Object.entries(settings).filter(([, value]) => value !== undefined));
  return { ...given, passageTokens, mostPassageTokens };
}
