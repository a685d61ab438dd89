/** Qwen 2 and 2.5, text only. */

import { decoderPooling } from "../pooling.ts";
import type { Architecture } from "./architecture.ts";
import { decoderIgnore, decoderMetadata, decoderName, decoderSizes, gatedRows, layerRows, outerRows } from "./decoder.ts";

export const qwen2: Architecture = {
  names: ["Qwen2ForCausalLM", "Qwen2Model"],
  gguf: "qwen2",
  metadata(config) {
    config.demand("hidden_act", "silu");
    config.demand("use_sliding_window", false);
    return decoderMetadata(config, "qwen2");
  },
  rows(config) {
    const sizes = decoderSizes(config);
    const { hidden, query, keyValue } = sizes;
    return [
      ...outerRows(config),
      ...layerRows(sizes.layers, (row) => [
        row("input_layernorm.weight", "attn_norm.weight", [hidden]),
        row("self_attn.q_proj.weight", "attn_q.weight", [query, hidden]),
        row("self_attn.k_proj.weight", "attn_k.weight", [keyValue, hidden]),
        row("self_attn.v_proj.weight", "attn_v.weight", [keyValue, hidden]),
        row("self_attn.q_proj.bias", "attn_q.bias", [query]),
        row("self_attn.k_proj.bias", "attn_k.bias", [keyValue]),
        row("self_attn.v_proj.bias", "attn_v.bias", [keyValue]),
        row("self_attn.o_proj.weight", "attn_output.weight", [hidden, query]),
        row("post_attention_layernorm.weight", "ffn_norm.weight", [hidden]),
        ...gatedRows(row, sizes),
      ]),
    ];
  },
  rename: decoderName,
  ignore: decoderIgnore,
  vocabularySize: (config) => decoderSizes(config).vocabulary,
  pooling: (folder) => decoderPooling(folder, "qwen2"),
};
