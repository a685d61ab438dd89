/** Gemma 3, its text part: norms for queries and keys, and one layer of six without a window. */
import { Invalid } from "../../../errors.ts";
import type { Entry } from "../../gguf/write.ts";
import type { ModelConfigFile } from "../config.ts";
import { f32, u32 } from "../metadata.ts";
import { numberOf, ropeParameters } from "../rope.ts";
import type { Architecture } from "./architecture.ts";
import { decoderSizes } from "./decoder.ts";
import { capEntry, fourNorms, gemmaMetadata, gemmaRows, gemmaShared } from "./gemma-layers.ts";

export const gemma3: Architecture = {
  ...gemmaShared,
  names: ["Gemma3ForCausalLM", "Gemma3ForConditionalGeneration"],
  gguf: "gemma3",
  metadata(config): Entry[] {
    config.demand("attn_logit_softcapping");
    config.demand("use_bidirectional_attention", false);
    checkPattern(config);
    const given = gemmaMetadata(config, "gemma3");
    const local = numberOf(ropeParameters(config, "sliding_attention"), "rope_theta") ?? config.optional("rope_local_base_freq");
    const hasBase = given.some(({ key }) => key === "gemma3.rope.freq_base");
    return [
      ...given,
      // What is missing here has the default of transformers.
      ...(hasBase ? [] : [f32("gemma3.rope.freq_base", 1e6)]),
      f32("gemma3.rope.freq_base_swa", local ?? 1e4),
      ...capEntry(config, "gemma3", "final_logit_softcapping"),
      u32("gemma3.attention.sliding_window", config.size("sliding_window")),
    ];
  },
  rows(config) {
    const { headSize } = decoderSizes(config);
    return gemmaRows(config, (row, hidden) => [
      ...fourNorms(row, hidden),
      row("self_attn.q_norm.weight", "attn_q_norm.weight", [headSize], { add: 1 }),
      row("self_attn.k_norm.weight", "attn_k_norm.weight", [headSize], { add: 1 }),
    ]);
  },
};

/** llama.cpp knows Gemma 3's pattern by name: five layers with a window, one without. */
function checkPattern(config: ModelConfigFile): void {
  config.demand("sliding_window_pattern", 6);
  const types = config.value("layer_types");
  if (!Array.isArray(types)) return;
  const wrong = types.findIndex((type, i) => (type === "full_attention") !== ((i + 1) % 6 === 0));
  if (wrong >= 0) {
    throw new Invalid(`"config.json": layer ${wrong} has ${JSON.stringify(types[wrong])}, which is not Gemma 3's pattern of six`);
  }
}
