/** Qwen 3, dense: no biases, but a norm for each head's queries and keys. */
import { decoderPooling } from "../pooling.ts";
import type { Architecture } from "./architecture.ts";
import { decoderIgnore, decoderMetadata, decoderName, decoderSizes, gatedRows, layerRows, outerRows } from "./decoder.ts";

export const qwen3: Architecture = {
  names: ["Qwen3ForCausalLM", "Qwen3Model"],
  gguf: "qwen3",
  metadata(config) {
    config.demand("hidden_act", "silu");
    config.demand("attention_bias", false);
    config.demand("use_sliding_window", false);
    return decoderMetadata(config, "qwen3");
  },
  rows(config) {
    const sizes = decoderSizes(config);
    const { hidden, query, keyValue, headSize } = sizes;
    return [
      ...outerRows(config),
      ...layerRows(sizes.layers, (row) => [
        row("input_layernorm.weight", "attn_norm.weight", [hidden]),
        row("self_attn.q_proj.weight", "attn_q.weight", [query, hidden]),
        row("self_attn.k_proj.weight", "attn_k.weight", [keyValue, hidden]),
        row("self_attn.v_proj.weight", "attn_v.weight", [keyValue, hidden]),
        row("self_attn.q_norm.weight", "attn_q_norm.weight", [headSize]),
        row("self_attn.k_norm.weight", "attn_k_norm.weight", [headSize]),
        row("self_attn.o_proj.weight", "attn_output.weight", [hidden, query]),
        row("post_attention_layernorm.weight", "ffn_norm.weight", [hidden]),
        ...gatedRows(row, sizes),
      ]),
    ];
  },
  rename: decoderName,
  ignore: decoderIgnore,
  vocabularySize: (config) => decoderSizes(config).vocabulary,
  pooling: (folder) => decoderPooling(folder, "qwen3"),
};
