/** Gemma 2: bounded logits, and every second layer sees a window only. */
import { u32 } from "../metadata.ts";
import type { Architecture } from "./architecture.ts";
import { capEntry, fourNorms, gemmaMetadata, gemmaRows, gemmaShared } from "./gemma-layers.ts";

export const gemma2: Architecture = {
  ...gemmaShared,
  names: ["Gemma2ForCausalLM"],
  gguf: "gemma2",
  metadata: (config) => [
    ...gemmaMetadata(config, "gemma2"),
    ...capEntry(config, "gemma2", "attn_logit_softcapping"),
    ...capEntry(config, "gemma2", "final_logit_softcapping"),
    u32("gemma2.attention.sliding_window", config.size("sliding_window")),
  ],
  rows: (config) => gemmaRows(config, fourNorms),
};
