/** Llama 2 and 3 and what was made in their image. */
import type { ModelConfigFile } from "../config.ts";
import { u32 } from "../metadata.ts";
import type { Row } from "../plan.ts";
import { llama3Factors } from "../rope.ts";
import type { Architecture } from "./architecture.ts";
import { decoderIgnore, decoderMetadata, decoderName, decoderSizes, gatedRows, layerRows, outerRows } from "./decoder.ts";

export const llama: Architecture = {
  names: ["LlamaForCausalLM", "LLaMAForCausalLM"],
  gguf: "llama",
  metadata(config) {
    config.demand("hidden_act", "silu");
    const { vocabulary, headSize } = decoderSizes(config);
    return [
      ...decoderMetadata(config, "llama"),
      u32("llama.vocab_size", vocabulary),
      u32("llama.rope.dimension_count", headSize),
    ];
  },
  rows: (config) => [...outerRows(config), ...layerRows(decoderSizes(config).layers, (row) => llamaLayer(config, row))],
  computed(config) {
    const values = llama3Factors(config, decoderSizes(config).headSize);
    return values ? [{ name: "rope_freqs.weight", values }] : [];
  },
  rename: decoderName,
  ignore: decoderIgnore,
  vocabularySize: (config) => decoderSizes(config).vocabulary,
};

/** A layer without its feed-forward part. */
export function llamaAttention(
  config: ModelConfigFile,
  row: (from: string, to: string, shape: number[], more?: Partial<Row>) => Row,
): Row[] {
  const { hidden, heads, keyValueHeads, query, keyValue } = decoderSizes(config);
  return [
    row("input_layernorm.weight", "attn_norm.weight", [hidden]),
    row("self_attn.q_proj.weight", "attn_q.weight", [query, hidden], { pairHeads: heads }),
    row("self_attn.k_proj.weight", "attn_k.weight", [keyValue, hidden], { pairHeads: keyValueHeads }),
    row("self_attn.v_proj.weight", "attn_v.weight", [keyValue, hidden]),
    row("self_attn.o_proj.weight", "attn_output.weight", [hidden, query]),
    row("self_attn.q_proj.bias", "attn_q.bias", [query], { optional: true, pairHeads: heads }),
    row("self_attn.k_proj.bias", "attn_k.bias", [keyValue], { optional: true, pairHeads: keyValueHeads }),
    row("self_attn.v_proj.bias", "attn_v.bias", [keyValue], { optional: true }),
    row("self_attn.o_proj.bias", "attn_output.bias", [hidden], { optional: true }),
    row("post_attention_layernorm.weight", "ffn_norm.weight", [hidden]),
  ];
}

function llamaLayer(
  config: ModelConfigFile,
  row: (from: string, to: string, shape: number[], more?: Partial<Row>) => Row,
): Row[] {
  return [...llamaAttention(config, row), ...gatedRows(row, decoderSizes(config))];
}
