/** Start-up checks that the loaded library has the struct layouts this code was made for. A mismatch is one clear error, never a crash. */
import { Failed } from "../errors.ts";
import { release } from "./abi-layouts.ts";
import type { Llama } from "./functions.ts";

const remedy = "install the llama.cpp build that belongs to this version of puna (puna doctor), or unset PUNA_LLAMA_LIB";

/** Defaults that llama.cpp fills in, spread from the first to the last field: a shifted layout shows in at least one. */
const expected = {
  model: {
    n_gpu_layers: -1,
    split_mode: 1,
    load_mode: -1,
    lazy_mode: 1,
    main_gpu: 0,
    tensor_split: null,
    kv_overrides: null,
    vocab_only: false,
    use_extra_bufts: true,
    no_host: false,
    load_mtp: false,
  },
  context: {
    n_ctx: 512,
    n_batch: 2048,
    n_ubatch: 512,
    n_seq_max: 1,
    n_outputs_max_per_seq: 1,
    n_threads: 4,
    n_threads_batch: 4,
    rope_scaling_type: -1,
    pooling_type: -1,
    attention_type: -1,
    flash_attn_type: -1,
    yarn_ext_factor: -1,
    yarn_beta_slow: -1,
    yarn_orig_ctx: 0,
    defrag_thold: -1,
    cb_eval: null,
    type_k: 1,
    type_v: 1,
    abort_callback: null,
    embeddings: false,
    offload_kqv: true,
    no_perf: true,
    op_offload: true,
    swa_full: true,
    kv_unified: false,
    samplers: null,
    n_samplers: 0,
    ctx_other: null,
  },
  quantize: {
    nthread: 0,
    ftype: 7,
    output_tensor_type: 43,
    token_embedding_type: 43,
    quantize_output_tensor: true,
    pure: false,
    imatrix: null,
  },
};

/** Compares version and defaults. `file` is named in the error. */
export function checkDefaults(llama: Llama, file: string): void {
  const version = llama.llama_version() ?? "";
  if (!isRelease(version)) {
    throw new Failed(`"${file}" is llama.cpp ${version || "of an unknown version"}, and ${release} is needed: ${remedy}`);
  }
  const differences = [
    ...compare(expected.model, llama.llama_model_default_params()),
    ...compare(expected.context, llama.llama_context_default_params()),
    ...compare(expected.quantize, llama.llama_model_quantize_default_params()),
  ];
  if (differences.length > 0) {
    throw new Failed(`"${file}" does not have the struct layouts of llama.cpp ${release} (${differences.join(", ")}): ${remedy}`);
  }
}

/** "0.5.0" and "0.5.0-dev" are the pinned release, "0.5.01" is not. */
export function isRelease(version: string): boolean {
  return version === release || version.startsWith(`${release}-`) || version.startsWith(`${release}+`);
}

/** Names what differs, as `n_ctx is 7, not 512`. */
export function compare(wanted: Record<string, unknown>, got: Record<string, unknown>): string[] {
  return Object.entries(wanted)
    .filter(([field, value]) => got[field] !== value)
    .map(([field, value]) => `${field} is ${String(got[field])}, not ${String(value)}`);
}

/** Compares the settings of a new context with what its getters say. */
export function checkContext(wanted: Record<string, number>, got: Record<string, number>): void {
  const differences = compare(wanted, got);
  if (differences.length > 0) {
    throw new Failed(`llama.cpp did not take the context settings as sent (${differences.join(", ")}): ${remedy}`);
  }
}
