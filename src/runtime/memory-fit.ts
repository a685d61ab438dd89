/**
 * How much memory a model will take, from its GGUF header alone, and whether that much is free. The KV cache follows
 * llama.cpp's llama-kv-cache*.cpp; the compute buffer is fitted to what v0.5.0 allocates on the CPU (exact for llama
 * shapes, see the test).
 */
import type { KvType } from "../config.ts";
import { modelNumber, perLayer } from "../models/gguf/fields.ts";
import type { GgufArray, GgufHeader } from "../models/gguf/types.ts";
import { availableMemory } from "./available-memory.ts";

export interface FitRequest {
  /** KV cells, shared by all sequences. */
  contextLength: number;
  sequences: number;
  kvType: KvType;
  /** Most tokens of one decode; 512 of them are computed at once. */
  batch: number;
  /** Tokens computed at once. Default: `batch`, at most 512. */
  microBatch?: number;
  /** Tokens of a micro-batch whose logits are kept. Default: all, as in llama.cpp. */
  outputs?: number;
  flashAttention?: boolean;
  /** Sliding-window layers keep the whole context too. */
  fullWindow?: boolean;
}

export interface MemoryEstimate {
  weightBytes: number;
  kvBytes: number;
  computeBytes: number;
  totalBytes: number;
  /** What one more cell costs. */
  kvBytesPerCell: number;
}

/** Bytes per element. Quantised types have a scale for every 32 elements. */
const elementBytes: Record<KvType, number> = {
  f32: 4,
  f16: 2,
  bf16: 2,
  q8_0: 34 / 32,
  q5_1: 24 / 32,
  q5_0: 22 / 32,
  q4_1: 20 / 32,
  q4_0: 18 / 32,
};

/** The runner process without the model: Node, the libraries, and work memory of the kernels. */
export const PROCESS_BYTES = 96e6;
const MIN_CONTEXT = 256;

/** What a context of this size will take. Missing keys count as 0, so that any header gives an answer. */
export function estimateMemory(header: GgufHeader, request: FitRequest): MemoryEstimate {
  const weightBytes = header.tensors.reduce((sum, tensor) => sum + tensor.size, 0);
  const kv = estimateKv(header, request);
  const computeBytes = estimateCompute(header, request);
  const kvBytes = kv.fixedBytes + kv.bytesPerCell * padCells(request.contextLength);
  return {
    weightBytes,
    kvBytes,
    computeBytes,
    totalBytes: weightBytes + kvBytes + computeBytes,
    kvBytesPerCell: kv.bytesPerCell,
  };
}

/** Undefined when the model fits, else one sentence for the user. `loadedBytes` is what is loaded already, when a context grows. */
export function checkFit(
  name: string,
  header: GgufHeader,
  request: FitRequest,
  { freeBytes = availableMemory(), loadedBytes = 0 }: { freeBytes?: number; loadedBytes?: number } = {},
): string | undefined {
  const need = estimateMemory(header, request);
  const missing = need.totalBytes - loadedBytes + PROCESS_BYTES - freeBytes;
  if (missing <= 0) return undefined;
  const gb = (bytes: number) => (bytes / 1e9).toFixed(1);
  const parts = `weights ${gb(need.weightBytes)}, KV ${gb(need.kvBytes)}, compute ${gb(need.computeBytes + PROCESS_BYTES)}`;
  const largest = largestContext(header, request, freeBytes + loadedBytes);
  const remedy =
    largest > 0
      ? `use num_ctx of at most ${largest}, or a smaller quantisation`
      : "use a smaller quantisation or model, or free some memory";
  return `model "${name}" needs ${gb(need.totalBytes + PROCESS_BYTES - loadedBytes)} GB (${parts}) but ${gb(Math.max(0, freeBytes))} GB are free; ${remedy}`;
}

/** The largest multiple of 256 cells that fits, not more than asked for; 0 when not even 256 do. */
export function largestContext(header: GgufHeader, request: FitRequest, freeBytes: number): number {
  const fits = (contextLength: number) =>
    estimateMemory(header, { ...request, contextLength }).totalBytes + PROCESS_BYTES <= freeBytes;
  let low = 0;
  let high = Math.floor(request.contextLength / MIN_CONTEXT);
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (fits(middle * MIN_CONTEXT)) low = middle;
    else high = middle - 1;
  }
  return low * MIN_CONTEXT;
}

function estimateKv(header: GgufHeader, request: FitRequest): { bytesPerCell: number; fixedBytes: number } {
  const layers = modelNumber(header, "block_count") ?? 0;
  // An encoder reads a text in one go and keeps nothing.
  if (header.metadata.get(`${header.architecture}.attention.causal`) === false) return { bytesPerCell: 0, fixedBytes: 0 };
  const bytes = elementBytes[request.kvType];
  const windowCells = slidingCells(header, request);
  const kinds = layerKinds(header, layers);
  let bytesPerCell = 0;
  let fixedBytes = 0;
  for (let layer = 0; layer < layers; layer++) {
    const kind = kinds(layer);
    if (kind === "recurrent") fixedBytes += recurrentBytes(header) * request.sequences;
    else if (kind === "window" && windowCells < padCells(request.contextLength))
      fixedBytes += elementsPerCell(header, layer, layers, kind) * bytes * windowCells;
    else if (kind !== "none") bytesPerCell += elementsPerCell(header, layer, layers, kind) * bytes;
  }
  return { bytesPerCell, fixedBytes };
}

/** Keys and values of one cell in one layer. Latent attention (MLA) keeps keys only. */
function elementsPerCell(header: GgufHeader, layer: number, layers: number, kind: "full" | "window"): number {
  const heads = perLayer(header, "attention.head_count", layers)?.[layer] ?? 0;
  const keyValueHeads = perLayer(header, "attention.head_count_kv", layers)?.[layer] ?? heads;
  const even = heads > 0 ? Math.floor((modelNumber(header, "embedding_length") ?? 0) / heads) : 0;
  const length = (what: "key" | "value") =>
    (kind === "window" ? modelNumber(header, `attention.${what}_length_swa`) : undefined) ??
    modelNumber(header, `attention.${what}_length`) ??
    even;
  const isLatent = (modelNumber(header, "attention.key_length_mla") ?? 0) > 0;
  return keyValueHeads * (length("key") + (isLatent ? 0 : length("value")));
}

/** Layers of these models alternate; files of others say so in `sliding_window_pattern`, or have no window. The last of each period sees all. */
const windowPeriods: Record<string, number> = { gemma2: 2, gemma3: 6, cohere2: 4, "gpt-oss": 2, llama4: 4, olmo2: 4, exaone4: 4 };

function layerKinds(header: GgufHeader, layers: number): (layer: number) => "full" | "window" | "recurrent" | "none" {
  const architecture = header.architecture;
  const hasState = modelNumber(header, "ssm.inner_size") !== undefined || /^(rwkv|arwkv)/.test(architecture);
  const keyValueHeads = perLayer(header, "attention.head_count_kv", layers);
  const fullEvery = modelNumber(header, "full_attention_interval") ?? (/^qwen3(next|5)/.test(architecture) ? 4 : undefined);
  const shared = modelNumber(header, "attention.shared_kv_layers") ?? 0;
  const pattern = header.metadata.get(`${architecture}.attention.sliding_window_pattern`);
  const period = (typeof pattern === "number" ? pattern : undefined) ?? windowPeriods[architecture];
  const hasWindow = (modelNumber(header, "attention.sliding_window") ?? 0) > 0;
  return (layer) => {
    if (hasState && (/^(mamba|rwkv|arwkv)/.test(architecture) || keyValueHeads?.[layer] === 0)) return "recurrent";
    if (hasState && fullEvery !== undefined && (layer + 1) % fullEvery !== 0) return "recurrent";
    if (layer >= layers - shared) return "none";
    if (!hasWindow) return "full";
    if (typeof pattern === "object") return isWindow(pattern, layer) ? "window" : "full";
    return period !== undefined && layer % period < period - 1 ? "window" : "full";
  };
}

function isWindow(pattern: GgufArray, layer: number): boolean {
  const item = pattern.items[layer];
  return item === true || (typeof item === "number" && item > 0);
}

/** Cells of a sliding-window layer: the window of each sequence and one micro-batch. */
function slidingCells(header: GgufHeader, request: FitRequest): number {
  if (request.fullWindow) return Number.POSITIVE_INFINITY;
  const window = modelNumber(header, "attention.sliding_window") ?? 0;
  return Math.ceil((window * request.sequences + microBatch(request)) / 256) * 256;
}

/** State of one recurrent layer for one sequence, in float32. */
function recurrentBytes(header: GgufHeader): number {
  const get = (key: string) => modelNumber(header, `ssm.${key}`) ?? 0;
  const inner = get("inner_size");
  const convolution = Math.max(0, get("conv_kernel") - 1) * (inner + 2 * get("group_count") * get("state_size"));
  const headSize = modelNumber(header, "wkv.head_size") ?? 0;
  const embedding = modelNumber(header, "embedding_length") ?? 0;
  return 4 * (convolution + inner * get("state_size") + (headSize > 0 ? embedding * (headSize + 2) : 0));
}

/**
 * The largest of a layer's and the output's intermediate results. Measured with flash attention for llama shapes: a layer
 * takes 3 x feed-forward + 4 x embedding floats a token and a float16 mask; the output its logits + 2 x embedding.
 */
function estimateCompute(header: GgufHeader, request: FitRequest): number {
  const layers = modelNumber(header, "block_count") ?? 0;
  const embedding = modelNumber(header, "embedding_length") ?? 0;
  const heads = Math.max(0, ...(perLayer(header, "attention.head_count", layers) ?? []));
  const tokens = Math.min(padCells(request.contextLength), microBatch(request));
  const outputs = Math.min(tokens, request.outputs ?? tokens);
  const vocabulary = vocabularySize(header);
  const mask = tokens * padCells(request.contextLength) * 2;
  const scores = request.flashAttention === false ? tokens * padCells(request.contextLength) * (4 * heads + 2) : 0;
  const layer = tokens * 4 * (3 * feedForward(header, layers) + 4 * embedding) + mask + scores;
  const output = vocabulary * outputs * 4 + tokens * 8 * embedding;
  return Math.max(layer, output) + vocabulary * 4 * Math.min(outputs, request.sequences);
}

/** Hidden values of the feed-forward part, of all experts that a token uses. */
function feedForward(header: GgufHeader, layers: number): number {
  const dense = Math.max(0, ...(perLayer(header, "feed_forward_length", layers) ?? []));
  const used = Math.max(0, ...(perLayer(header, "expert_used_count", layers) ?? []));
  const expert = modelNumber(header, "expert_feed_forward_length") ?? dense;
  const shared = modelNumber(header, "expert_shared_feed_forward_length") ?? 0;
  return Math.max(dense, used * expert + shared);
}

function vocabularySize(header: GgufHeader): number {
  const tokens = header.metadata.get("tokenizer.ggml.tokens");
  return (typeof tokens === "object" ? tokens.length : modelNumber(header, "vocab_size")) ?? 0;
}

function microBatch(request: FitRequest): number {
  return request.microBatch ?? Math.min(512, request.batch);
}

/** llama.cpp rounds the cache up to 256 cells. */
function padCells(cells: number): number {
  return Math.ceil(Math.max(1, cells) / 256) * 256;
}
