/** Gemma, the first. */
import type { Architecture } from "./architecture.ts";
import { gemmaMetadata, gemmaRows, gemmaShared } from "./gemma-layers.ts";

export const gemma: Architecture = {
  ...gemmaShared,
  names: ["GemmaForCausalLM"],
  gguf: "gemma",
  metadata: (config) => gemmaMetadata(config, "gemma"),
  rows: (config) =>
    gemmaRows(config, (row, hidden) => [row("post_attention_layernorm.weight", "ffn_norm.weight", [hidden], { add: 1 })]),
};
