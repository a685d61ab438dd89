/** Nomic's BERT (nomic-embed-text v1 and v1.5): rotary positions and a gated feed-forward part. Two sets of names are about. */
import type { ModelConfigFile } from "../config.ts";
import { bool, f32, u32 } from "../metadata.ts";
import type { Row } from "../plan.ts";
import { encoderPooling } from "../pooling.ts";
import { ropeEntries } from "../rope.ts";
import type { Architecture } from "./architecture.ts";

/** The names that transformers uses since it knows the model by itself, and those of the published files. */
const published: [RegExp, string][] = [
  [/^layers\./, "encoder.layers."],
  [/^embeddings\.LayerNorm\./, "emb_ln."],
  [/\.self_attn\.o_proj\./, ".attn.out_proj."],
  [/\.mlp\.up_proj\./, ".mlp.fc11."],
  [/\.mlp\.gate_proj\./, ".mlp.fc12."],
  [/\.mlp\.down_proj\./, ".mlp.fc2."],
  [/\.post_attention_layernorm\./, ".norm1."],
  [/\.post_mlp_layernorm\./, ".norm2."],
];

export const nomicBert: Architecture = {
  names: ["NomicBertModel"],
  gguf: "nomic-bert",
  metadata(config) {
    config.demand("activation_function", "swiglu");
    config.demand("hidden_act", "silu");
    config.demand("moe_every_n_layers", 0);
    config.demand("prenorm", false);
    config.demand("causal", false);
    config.demand("rotary_emb_fraction", 1);
    config.demand("rotary_emb_interleaved", false);
    config.demand("qkv_proj_bias", false);
    config.demand("mlp_fc1_bias", false);
    config.demand("mlp_fc2_bias", false);
    // n_positions says how far it may be stretched; it was trained for this many.
    const trained = config.optionalSize("max_trained_positions");
    const positions = config.size("n_positions", "max_position_embeddings");
    const rope = ropeEntries(config, "nomic-bert");
    return [
      u32("nomic-bert.block_count", layersOf(config)),
      u32("nomic-bert.context_length", Math.min(positions, trained ?? positions)),
      u32("nomic-bert.embedding_length", hiddenOf(config)),
      u32("nomic-bert.feed_forward_length", innerOf(config)),
      u32("nomic-bert.attention.head_count", config.size("n_head", "num_attention_heads")),
      f32("nomic-bert.attention.layer_norm_epsilon", config.number("layer_norm_epsilon", "layer_norm_eps")),
      bool("nomic-bert.attention.causal", false),
      u32("tokenizer.ggml.token_type_count", config.optionalSize("type_vocab_size") ?? 1),
      ...(rope.length > 0 ? rope : [f32("nomic-bert.rope.freq_base", 1000)]),
    ];
  },
  rows(config, has) {
    const hidden = hiddenOf(config);
    const inner = innerOf(config);
    const norm = (from: string, to: string): Row[] => [
      { from: `${from}.weight`, to: `${to}.weight`, shape: [hidden] },
      { from: `${from}.bias`, to: `${to}.bias`, shape: [hidden] },
    ];
    const layer = (i: number): Row[] => {
      const from = `encoder.layers.${i}`;
      const to = `blk.${i}`;
      const fused = `${from}.attn.Wqkv.weight`;
      const apart = ["q", "k", "v"].map((part) => `${from}.self_attn.${part}_proj.weight`);
      return [
        { from: has(fused) ? fused : apart, to: `${to}.attn_qkv.weight`, shape: [3 * hidden, hidden] },
        { from: `${from}.attn.out_proj.weight`, to: `${to}.attn_output.weight`, shape: [hidden, hidden] },
        ...norm(`${from}.norm1`, `${to}.attn_output_norm`),
        { from: `${from}.mlp.fc11.weight`, to: `${to}.ffn_up.weight`, shape: [inner, hidden] },
        { from: `${from}.mlp.fc12.weight`, to: `${to}.ffn_gate.weight`, shape: [inner, hidden] },
        { from: `${from}.mlp.fc2.weight`, to: `${to}.ffn_down.weight`, shape: [hidden, inner] },
        ...norm(`${from}.norm2`, `${to}.layer_output_norm`),
      ];
    };
    const types = config.optionalSize("type_vocab_size") ?? 1;
    return [
      { from: "embeddings.word_embeddings.weight", to: "token_embd.weight", shape: [config.size("vocab_size"), hidden] },
      { from: "embeddings.token_type_embeddings.weight", to: "token_types.weight", shape: [types, hidden], exact: true },
      ...norm("emb_ln", "token_embd_norm"),
      ...Array.from({ length: layersOf(config) }, (_, i) => layer(i)).flat(),
    ];
  },
  rename: (name) =>
    published.reduce((text, [theirs, ours]) => text.replace(theirs, ours), name.replace(/^(bert|nomic_bert)\./, "")),
  ignore: /^(pooler\..*|cls\..*|lm_head\..*)$/,
  vocabularySize: (config) => config.size("vocab_size"),
  pooling: async (folder) => await encoderPooling(folder, "nomic-bert"),
};

const hiddenOf = (config: ModelConfigFile) => config.size("n_embd", "hidden_size");
const innerOf = (config: ModelConfigFile) => config.size("n_inner", "intermediate_size");
const layersOf = (config: ModelConfigFile) => config.size("n_layer", "num_hidden_layers");
