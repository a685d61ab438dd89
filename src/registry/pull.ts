/** Brings a model from a registry into the store. Statuses and their order are Ollama's. */
import { Canceled, Failed, messageOf } from "../errors.ts";
import { storeError } from "../models/files.ts";
import { isModelLayer, layerTypes, manifestDigest, manifestType, readManifest, referencedDigests } from "../models/manifest.ts";
import { displayName, type ModelName } from "../models/name.ts";
import type { ModelStore } from "../models/store.ts";
import type { Layer, Manifest } from "../models/types.ts";
import { repositoryUrl } from "./address.ts";
import { known } from "./failure.ts";
import { pullFiles } from "./hub-pull.ts";
import { hubAccess, isHuggingFace } from "./hugging-face.ts";
import { Retries } from "./retry.ts";
import { HttpError, httpError, type Session, Unauthorized } from "./session.ts";
import { type BlobSource, blobAt } from "./source.ts";
import type { Transfers } from "./transfers.ts";
import { readText } from "./wire.ts";

/** Real ones are some kilobytes; one that lists every tensor of a large model stays below. */
const MAX_MANIFEST_BYTES = 8 << 20;
const MAX_LAYERS = 1000;

/** One line of the answer. Sizes are bytes. */
export interface TransferProgress {
  status: string;
  digest?: string;
  total?: number;
  completed?: number;
}

export interface PullOptions {
  store: ModelStore;
  session: Session;
  transfers: Transfers;
  backoffMs: number;
  /** The shortest time between two lines about one blob. */
  everyMs: number;
  signal: AbortSignal;
}

/**
 * Yields what it does, `success` last. Until the manifest is written, in one step at the end, the model is what it was; what
 * was fetched before a failure is not fetched again. Throws Failed or Canceled.
 */
export async function* pull(wanted: ModelName, options: PullOptions): AsyncGenerator<TransferProgress> {
  const { store, signal } = options;
  yield { status: "pulling manifest" };
  try {
    // A model that is here is asked for as it is spelled here: registries may care about case.
    const name = await store.spelling(wanted);
    const found = await fetchManifest(name, options);
    if (found === undefined) yield* pullFiles(name, options);
    else yield* pullManifest(name, found, options);
  } catch (error) {
    if (signal.aborted) throw new Canceled(undefined, { cause: error });
    throw known(storeError(error, store.root));
  }
  yield { status: "success" };
}

/** Fetches everything a manifest names, and writes it. */
async function* pullManifest(name: ModelName, bytes: Buffer, options: PullOptions): AsyncGenerator<TransferProgress> {
  const { store, session } = options;
  const manifest = checkManifest(bytes, name);
  const id = `sha256:${manifestDigest(bytes)}`;
  const layers = unique([...manifest.layers, manifest.config]);
  await store.blobs.want(
    id,
    layers.map(({ digest }) => digest),
  );
  for (const { digest, size } of layers) {
    const url = repositoryUrl(session.base, name, `blobs/${digest}`);
    yield* pullBlob(blobAt(session, url, { digest, sizeBytes: size }), options);
  }
  // Done while the bytes came; clients look for the line.
  yield { status: "verifying sha256 digest" };
  yield* writeManifest(name, bytes, manifest, store);
  await store.blobs.unwant(id);
}

/** Makes the model what the bytes say. */
export async function* writeManifest(
  name: ModelName,
  bytes: Buffer,
  manifest: Manifest,
  store: ModelStore,
): AsyncGenerator<TransferProgress> {
  yield { status: "writing manifest" };
  const old = await oldDigests(name, store);
  await store.writeManifest(name, bytes);
  const now = new Set(referencedDigests(manifest));
  if (old.some((digest) => !now.has(digest))) yield { status: "removing unused layers" };
}

/** Yields the progress of one blob, of which there is none when it is here already. */
export async function* pullBlob(source: BlobSource, options: PullOptions): AsyncGenerator<TransferProgress> {
  const { store, transfers, everyMs, signal } = options;
  const { digest, sizeBytes: total } = source;
  const line = { status: `pulling ${digest.slice(7, 19)}`, digest, total };
  const size = await store.blobs.size(digest);
  if (size === total) {
    await store.blobs.touch(digest);
    yield { ...line, completed: total };
    return;
  }
  // A blob of another size is a damaged one, and the fetched one takes its place; or the manifest lies, and nothing comes of it.
  for await (const completed of transfers.fetch(source, { everyMs, signal }))
    yield { ...line, ...(completed > 0 && { completed }) };
  yield { ...line, completed: total };
}

/** The manifest's bytes. Undefined when the hub has the repository, but no manifest for it. */
export async function fetchManifest(name: ModelName, options: PullOptions): Promise<Buffer | undefined> {
  const { session, backoffMs, signal } = options;
  const retries = new Retries({ backoffMs, signal, tries: 3 });
  for (;;) {
    try {
      return await requestManifest(name, session, signal);
    } catch (error) {
      // Whoever asks for a model wants to hear at once that there is no way to the registry.
      const failure = error instanceof HttpError ? await retries.wait(error).catch((cause) => cause) : error;
      if (failure === undefined) continue;
      if (isHuggingFace(name.host) && error instanceof HttpError && [400, 404].includes(error.status)) return undefined;
      if (signal.aborted) throw new Canceled(undefined, { cause: error });
      throw new Failed(`pull model manifest: ${reasonOf(error, name)}`, { cause: error });
    }
  }
}

async function requestManifest(name: ModelName, session: Session, signal: AbortSignal): Promise<Buffer> {
  const reply = await session.begin((base) => repositoryUrl(base, name, `manifests/${name.tag}`), {
    method: "GET",
    headers: { accept: manifestType },
    signal,
  });
  if (reply.status !== 200) throw await httpError(reply, session.wire);
  const bytes = await readText(reply, { limit: MAX_MANIFEST_BYTES, stallMs: session.wire.stallMs });
  if (!bytes) throw new Failed(`${reply.url.host} sent a manifest of more than ${MAX_MANIFEST_BYTES >> 20} MB`);
  return bytes;
}

/** Throws Failed for what is no model. Digests become paths, and are checked before they do. */
export function checkManifest(bytes: Buffer, name: ModelName): Manifest {
  const fault = (problem: string, cause?: unknown) =>
    new Failed(`pull model manifest: what the registry sent for ${displayName(name)} is no model's manifest: ${problem}`, {
      cause,
    });
  const manifest = readManifest(bytes, fault);
  const { layers } = manifest;
  if (layers.some(({ mediaType }) => mediaType === layerTypes.tensor)) {
    throw new Failed(`${displayName(name)} is stored as safetensors, which this server cannot run; pull a GGUF version of it`);
  }
  if (layers.length > MAX_LAYERS) throw fault(`it has ${layers.length} layers`);
  if (!layers.some(isModelLayer)) throw fault("none of its layers is a model's");
  return manifest;
}

/** Several layers may share one blob; it is fetched once. Throws Failed when they disagree about its size. */
function unique(layers: Layer[]): Layer[] {
  const byDigest = new Map<string, Layer>();
  for (const layer of layers) {
    const known = byDigest.get(layer.digest);
    if (known && known.size !== layer.size) throw new Failed(`pull model manifest: ${layer.digest} has two sizes in it`);
    byDigest.set(layer.digest, layer);
  }
  return [...byDigest.values()];
}

async function oldDigests(name: ModelName, store: ModelStore): Promise<string[]> {
  const found = await store.find(name);
  // A damaged model is what a pull is meant to mend.
  return found
    ? await store
        .read(found)
        .then(({ manifest }) => referencedDigests(manifest))
        .catch(() => [])
    : [];
}

function reasonOf(error: unknown, name: ModelName): string {
  if (error instanceof Unauthorized && isHuggingFace(name.host)) return `${messageOf(error)}; ${hubAccess}`;
  return error instanceof HttpError && error.status === 404 ? "file does not exist" : messageOf(error);
}
