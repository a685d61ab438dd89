/** What to load and how large: from a request's options, the model's header and the settings. */
import type { Config } from "../config.ts";
import type { ContextShape, LoadMessage } from "../engine/protocol.ts";
import { Failed } from "../errors.ts";
import type { Model } from "../models/types.ts";
import { threadsFor } from "./threads.ts";
import type { LoadOptions } from "./types.ts";

/** Sequences of a model that answers. Cells are shared, so idle sequences cost nothing but a little bookkeeping. */
const SEQUENCES = 8;
/** The shared cache is sized for this many requests that use their whole `num_ctx`; more than that rarely do at once. */
const FULL_REQUESTS = 4;
const EMBEDDING_SEQUENCES = 64;
const EMBEDDING_CELLS = 2048;

/** Blob and adapters: two names with the same ones share a runner. */
export function runnerKey(model: Model): string {
  return JSON.stringify([model.modelPath, ...model.adapterPaths]);
}

/** What only a reload can change. */
export function structureOf({ numGpu, mainGpu, useMmap, numThread, numBatch }: LoadOptions): string {
  return JSON.stringify([numGpu ?? -1, mainGpu ?? null, useMmap ?? null, numThread ?? 0, numBatch ?? 0]);
}

/** `num_ctx` within what the model was trained for, and at least Ollama's 4. */
export function clampContext(model: Model, numCtx: number): number {
  const trained = trainedContext(model);
  return Math.max(4, Math.min(numCtx, trained ?? numCtx));
}

/** `<arch>.context_length` of the header. */
function trainedContext({ header }: Model): number | undefined {
  const value = Number(header?.metadata.get(`${header.architecture}.context_length`));
  return Number.isSafeInteger(value) && value > 0 ? value : undefined;
}

/** Whether the model gives vectors and no text. */
export function isEmbeddingOnly(model: Model): boolean {
  return model.capabilities.includes("embedding") && !model.capabilities.includes("completion");
}

/**
 * Room for `numCtx` and, as far as `kvBudgetBytes` goes, for several such requests side by side.
 * Embedding models read whole texts in one batch, so there cells and batch are the same.
 */
export function shapeFor(options: {
  model: Model;
  numCtx: number;
  numBatch?: number;
  numParallel?: number;
  kvBytesPerCell: number;
  kvBudgetBytes: number;
}): ContextShape {
  const { model, numCtx, numBatch } = options;
  if (isEmbeddingOnly(model)) {
    const cells = Math.max(numCtx, EMBEDDING_CELLS);
    return { cells, sequences: options.numParallel ?? EMBEDDING_SEQUENCES, batch: Math.max(numBatch ?? 0, cells) };
  }
  const sequences = options.numParallel ?? SEQUENCES;
  const wanted = numCtx * Math.min(sequences, FULL_REQUESTS);
  const affordable = options.kvBytesPerCell > 0 ? Math.floor(options.kvBudgetBytes / options.kvBytesPerCell) : wanted;
  return { cells: Math.max(numCtx, Math.min(wanted, affordable)), sequences, batch: Math.max(1, numBatch ?? 512) };
}

/** The message that loads a model. */
export function loadMessage(model: Model, options: LoadOptions, shape: ContextShape, config: Config): LoadMessage {
  if (model.modelPath === undefined) throw new Failed(`model '${model.name.model}:${model.name.tag}' has no weights of its own`);
  return {
    type: "load",
    modelPath: model.modelPath,
    adapters: model.adapterPaths.map((path) => ({ path, scale: 1 })),
    shape,
    threads: options.numThread || config.threads || threadsFor(model.header?.fileSize ?? Number.POSITIVE_INFINITY),
    gpuLayers: options.numGpu ?? -1,
    kvType: config.kvType,
    prefixBytes: config.prefixBytes,
    ...(options.mainGpu !== undefined && { mainGpu: options.mainGpu }),
    ...(options.useMmap !== undefined && { useMmap: options.useMmap }),
    ...(config.flashAttention !== undefined && { flashAttention: config.flashAttention }),
    ...(config.llamaLibrary !== undefined && { libraryPath: config.llamaLibrary }),
  };
}
