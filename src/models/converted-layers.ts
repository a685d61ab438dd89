/** The layers that uploaded safetensors become: the model itself, or an adapter for it. */
import { rm } from "node:fs/promises";
import { Canceled } from "../errors.ts";
import { type Base, baseFromFiles } from "./base-layers.ts";
import { adapterBase } from "./convert/adapter-base.ts";
import type { NamedFile } from "./convert/folder.ts";
import { convert, type Job } from "./convert/in-thread.ts";
import type { Float } from "./convert/numbers.ts";
import type { CreateProgress } from "./create.ts";
import type { NamedBlob } from "./create-request.ts";
import { layerTypes } from "./manifest.ts";
import { progressOf } from "./progress-of.ts";
import type { ModelStore } from "./store.ts";
import type { Layer } from "./types.ts";
import { locateUpload } from "./uploaded.ts";

/** The digest of the new blob is not known while it is made. Not Ollama's placeholder for quantising: clients show one bar a digest. */
const DIGEST = "0000000000000000001";

interface Wanted {
  type: Float;
  /** The new model's name. */
  name: string;
  signal: AbortSignal | undefined;
}

/** Whether these files are a model, or an adapter, that must be converted. */
export function isSafetensors(files: NamedBlob[]): boolean {
  return files.some(({ name }) => name.endsWith(".safetensors"));
}

/** A base made of a model folder. Throws Invalid naming what is wrong with it. */
export async function* baseFromSafetensors(
  store: ModelStore,
  files: NamedBlob[],
  { type, name, signal }: Wanted,
): AsyncGenerator<CreateProgress, Base> {
  const job = (located: NamedFile[], output: string): Job => ({ files: located, output, type, name });
  const made = yield* run(store, files, { status: "converting model", signal, job });
  const base = await baseFromFiles(store, [{ name: `${name}.gguf`, digest: made.digest }]);
  if (made.created) base.created.add(made.digest);
  return base;
}

/** The layer of an adapter that was uploaded as safetensors, for the model of `base`. */
export async function* adapterFromSafetensors(
  store: ModelStore,
  base: Base,
  files: NamedBlob[],
  signal: AbortSignal | undefined,
): AsyncGenerator<CreateProgress, Layer> {
  const model = base.layers.find(({ mediaType }) => mediaType === layerTypes.model);
  const about = adapterBase(await store.header(model?.digest ?? ""));
  const job = (located: NamedFile[], output: string): Job => ({ files: located, output, base: about });
  const { digest, size, created } = yield* run(store, files, { status: "converting adapter", signal, job });
  if (created) base.created.add(digest);
  return { mediaType: layerTypes.adapter, digest, size };
}

interface Run {
  status: string;
  signal: AbortSignal | undefined;
  job: (located: NamedFile[], output: string) => Job;
}

async function* run(
  store: ModelStore,
  files: NamedBlob[],
  { status, signal, job }: Run,
): AsyncGenerator<CreateProgress, { digest: string; size: number; created: boolean }> {
  yield { status };
  const located: NamedFile[] = [];
  for (const file of files) located.push({ name: file.name, path: await locateUpload(store, file) });
  const sizes = await Promise.all(files.map(async ({ digest }) => (await store.blobs.size(digest)) ?? 0));
  const total = sizes.reduce((sum, size) => sum + size, 0);
  const output = await store.blobs.temporaryPath();
  try {
    for await (const fraction of progressOf((onProgress) => convert(job(located, output), { onProgress, signal }))) {
      yield { status, digest: DIGEST, total, completed: Math.round(fraction * total) };
    }
    if (signal?.aborted) throw new Canceled();
    return await store.blobs.adopt(output);
  } finally {
    await rm(output, { force: true });
  }
}
