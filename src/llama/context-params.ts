/** Settings of a context in our words, and as llama.cpp's struct. */
import { Invalid } from "../errors.ts";
import type { Struct } from "./abi.ts";
import { constants, enums } from "./abi-layouts.ts";
import type { Llama } from "./functions.ts";

/** In the order of llama_pooling_type, from 0. */
export const poolings = ["none", "mean", "cls", "last", "rank"] as const;
export type Pooling = (typeof poolings)[number];

/** The cache types that attention kernels know. */
const { ggml_type: types } = enums;
const cacheTypes = {
  f32: types.GGML_TYPE_F32,
  f16: types.GGML_TYPE_F16,
  bf16: types.GGML_TYPE_BF16,
  q8_0: types.GGML_TYPE_Q8_0,
  q5_1: types.GGML_TYPE_Q5_1,
  q5_0: types.GGML_TYPE_Q5_0,
  q4_1: types.GGML_TYPE_Q4_1,
  q4_0: types.GGML_TYPE_Q4_0,
} as const;
type CacheType = keyof typeof cacheTypes;

export interface ContextParams {
  /** Size of the KV cache in tokens, shared by all sequences; rounded up to 256. */
  cells: number;
  /** Most tokens of one decode. Default 2048. */
  batch?: number;
  /** Tokens computed at once inside a decode. Default 512. Models that are not causal need it as large as their longest text. */
  microBatch?: number;
  /** Sequences that may be live at once. Default 1, at most 256. */
  sequences?: number;
  threads?: number;
  /** Threads for prompts. Default: `threads`. */
  batchThreads?: number;
  /** Give embeddings besides logits. */
  embeddings?: boolean;
  /** Default: the model's own. */
  pooling?: Pooling;
  /** Type of the KV cache. Default f16. */
  kvType?: CacheType;
  /** Default: where the kernels support it. */
  flashAttention?: boolean;
  /** One cache for all sequences, so that they can share prefixes. Default true. */
  unified?: boolean;
  /** Attention sees only earlier tokens. Default: the model's own. */
  causal?: boolean;
  /** A cache of full size for sliding-window models, so that any prefix can be kept. Default false: the window's size. */
  fullWindow?: boolean;
  /** Keep the KV cache on the GPU. Default true. */
  offloadCache?: boolean;
  ropeBase?: number;
  ropeScale?: number;
  /** Most tokens of one batch whose logits are asked for. Default: `batch`. */
  outputs?: number;
}

/** The struct for these settings. Throws `Invalid` for numbers that llama.cpp would not survive. */
export function contextStruct(llama: Llama, params: ContextParams): Struct<"llama_context_params"> {
  const struct = llama.llama_context_default_params();
  const batch = count("batch", params.batch ?? 2048, 2 ** 24);
  struct.n_ctx = count("cells", params.cells, 2 ** 30);
  struct.n_batch = batch;
  struct.n_ubatch = count("microBatch", params.microBatch ?? Math.min(512, batch), 2 ** 24);
  struct.n_seq_max = count("sequences", params.sequences ?? 1, llama.llama_max_parallel_sequences());
  // Fewer outputs than sequences make llama.cpp abort when it sizes its graph.
  const outputs = params.outputs === undefined ? 0 : Math.max(count("outputs", params.outputs, 2 ** 24), struct.n_seq_max);
  struct.n_outputs_max = outputs;
  struct.n_threads = count("threads", params.threads ?? 1, constants.GGML_MAX_N_THREADS);
  struct.n_threads_batch = count("batchThreads", params.batchThreads ?? struct.n_threads, constants.GGML_MAX_N_THREADS);
  struct.embeddings = params.embeddings ?? false;
  struct.pooling_type = params.pooling ? poolings.indexOf(params.pooling) : -1;
  struct.attention_type = params.causal === undefined ? -1 : params.causal ? 0 : 1;
  struct.flash_attn_type = params.flashAttention === undefined ? -1 : params.flashAttention ? 1 : 0;
  struct.type_k = struct.type_v = cacheTypes[params.kvType ?? "f16"];
  struct.kv_unified = params.unified ?? true;
  struct.swa_full = params.fullWindow ?? false;
  struct.offload_kqv = params.offloadCache ?? true;
  struct.rope_freq_base = params.ropeBase ?? 0;
  struct.rope_freq_scale = params.ropeScale ?? 0;
  struct.no_perf = true;
  return struct;
}

/** The name of a `llama_pooling_type`. */
export function poolingName(type: number): Pooling {
  return poolings[type] ?? "none";
}

function count(name: string, value: number, most: number): number {
  if (!Number.isInteger(value) || value < 1 || value > most)
    throw new Invalid(`${name} must be a whole number from 1 to ${most}, not ${value}`);
  return value;
}
