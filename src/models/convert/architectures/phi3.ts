/** Phi-3, Phi-3.5 and Phi-4 (dense): queries, keys and values in one matrix, gate and up in another. */
import { Invalid } from "../../../errors.ts";
import type { ModelConfigFile } from "../config.ts";
import { f32, u32 } from "../metadata.ts";
import { numberOf, ropeParameters, ropeType } from "../rope.ts";
import type { Architecture } from "./architecture.ts";
import { decoderIgnore, decoderMetadata, decoderName, decoderSizes, layerRows, outerRows } from "./decoder.ts";

export const phi3: Architecture = {
  names: ["Phi3ForCausalLM"],
  gguf: "phi3",
  metadata(config) {
    config.demand("hidden_act", "silu");
    const factors = longFactors(config);
    return [
      ...decoderMetadata(config, "phi3"),
      u32("phi3.rope.dimension_count", rotated(config)),
      u32("phi3.rope.scaling.original_context_length", originalContext(config)),
      // 0 tells Phi-4, which has none, from Phi-3, whose window llama.cpp would otherwise guess.
      u32("phi3.attention.sliding_window", config.optional("sliding_window") ?? 0),
      ...(factors ? [f32("phi3.rope.scaling.attn_factor", factors.attention)] : []),
    ];
  },
  rows(config) {
    const { layers, hidden, query, keyValue, inner } = decoderSizes(config);
    return [
      ...outerRows(config),
      ...layerRows(layers, (row) => [
        row("input_layernorm.weight", "attn_norm.weight", [hidden]),
        row("self_attn.qkv_proj.weight", "attn_qkv.weight", [query + 2 * keyValue, hidden]),
        row("self_attn.o_proj.weight", "attn_output.weight", [hidden, query]),
        row("post_attention_layernorm.weight", "ffn_norm.weight", [hidden]),
        row("mlp.gate_up_proj.weight", "ffn_up.weight", [2 * inner, hidden]),
        row("mlp.down_proj.weight", "ffn_down.weight", [hidden, inner]),
      ]),
    ];
  },
  computed(config) {
    const factors = longFactors(config);
    if (!factors) return [];
    return [
      { name: "rope_factors_long.weight", values: factors.long },
      { name: "rope_factors_short.weight", values: factors.short },
    ];
  },
  rename: decoderName,
  ignore: decoderIgnore,
  vocabularySize: (config) => decoderSizes(config).vocabulary,
};

/** Numbers of a head that are rotated. */
function rotated(config: ModelConfigFile): number {
  const part = numberOf(ropeParameters(config), "partial_rotary_factor") ?? config.optional("partial_rotary_factor") ?? 1;
  return Math.trunc(part * decoderSizes(config).headSize);
}

function originalContext(config: ModelConfigFile): number {
  const inRope = numberOf(ropeParameters(config), "original_max_position_embeddings");
  return inRope ?? config.size("original_max_position_embeddings", "max_position_embeddings");
}

/** Divisors of the frequencies for texts within the original context and beyond, and how much sharper attention gets. */
function longFactors(config: ModelConfigFile) {
  const rope = ropeParameters(config);
  if (ropeType(rope) !== "longrope") return undefined;
  const list = (key: string) => {
    const values = rope[key];
    const wanted = rotated(config) / 2;
    if (!Array.isArray(values) || values.length !== wanted || !values.every((value) => typeof value === "number")) {
      throw new Invalid(`"config.json": ${key} of the rope scaling is not a list of ${wanted} numbers`);
    }
    return Float32Array.from(values);
  };
  const original = originalContext(config);
  const scale = config.size("max_position_embeddings") / original;
  const given = numberOf(rope, "attention_factor");
  const attention = given ?? (scale > 1 ? Math.sqrt(1 + Math.log(scale) / Math.log(original)) : 1);
  return { long: list("long_factor"), short: list("short_factor"), attention };
}
