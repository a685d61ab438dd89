/** BERT as an embedding model: what predicts words or sentences is left behind. */
import type { Entry } from "../../gguf/write.ts";
import type { ModelConfigFile } from "../config.ts";
import { bool, f32, u32 } from "../metadata.ts";
import type { Row } from "../plan.ts";
import { encoderPooling } from "../pooling.ts";
import type { Architecture } from "./architecture.ts";

export const bertShared = {
  gguf: "bert",
  rename: (name: string) =>
    name
      .replace(/^(bert|roberta)\./, "")
      .replace(/\.gamma$/, ".weight")
      .replace(/\.beta$/, ".bias"),
  ignore: /^(embeddings\.(position|token_type)_ids|pooler\..*|cls\..*|lm_head\..*)$/,
  vocabularySize: (config: ModelConfigFile) => config.size("vocab_size"),
  pooling: async (folder: Parameters<typeof encoderPooling>[0]) => await encoderPooling(folder, "bert"),
};

export const bert: Architecture = {
  ...bertShared,
  names: ["BertModel", "BertForMaskedLM"],
  metadata: (config) => bertMetadata(config, 0),
  rows: (config) => bertRows(config, 0),
};

/** `skipped`: rows of positions in front of the first that is used. */
export function bertMetadata(config: ModelConfigFile, skipped: number): Entry[] {
  config.demand("hidden_act", "gelu");
  config.demand("position_embedding_type", "absolute");
  config.demand("is_decoder", false);
  return [
    u32("bert.block_count", config.size("num_hidden_layers")),
    u32("bert.context_length", config.size("max_position_embeddings") - skipped),
    u32("bert.embedding_length", config.size("hidden_size")),
    u32("bert.feed_forward_length", config.size("intermediate_size")),
    u32("bert.attention.head_count", config.size("num_attention_heads")),
    f32("bert.attention.layer_norm_epsilon", config.number("layer_norm_eps")),
    bool("bert.attention.causal", false),
    u32("tokenizer.ggml.token_type_count", config.optionalSize("type_vocab_size") ?? 1),
  ];
}

export function bertRows(config: ModelConfigFile, skipped: number): Row[] {
  const hidden = config.size("hidden_size");
  const inner = config.size("intermediate_size");
  const pair = (from: string, to: string, out: number, into?: number): Row[] => [
    { from: `${from}.weight`, to: `${to}.weight`, shape: into === undefined ? [out] : [out, into] },
    { from: `${from}.bias`, to: `${to}.bias`, shape: [out] },
  ];
  const layer = (i: number): Row[] => {
    const from = `encoder.layer.${i}`;
    const to = `blk.${i}`;
    return [
      ...pair(`${from}.attention.self.query`, `${to}.attn_q`, hidden, hidden),
      ...pair(`${from}.attention.self.key`, `${to}.attn_k`, hidden, hidden),
      ...pair(`${from}.attention.self.value`, `${to}.attn_v`, hidden, hidden),
      ...pair(`${from}.attention.output.dense`, `${to}.attn_output`, hidden, hidden),
      ...pair(`${from}.attention.output.LayerNorm`, `${to}.attn_output_norm`, hidden),
      ...pair(`${from}.intermediate.dense`, `${to}.ffn_up`, inner, hidden),
      ...pair(`${from}.output.dense`, `${to}.ffn_down`, hidden, inner),
      ...pair(`${from}.output.LayerNorm`, `${to}.layer_output_norm`, hidden),
    ];
  };
  const types = config.optionalSize("type_vocab_size") ?? 1;
  const positions = config.size("max_position_embeddings") - skipped;
  return [
    { from: "embeddings.word_embeddings.weight", to: "token_embd.weight", shape: [config.size("vocab_size"), hidden] },
    {
      from: "embeddings.position_embeddings.weight",
      to: "position_embd.weight",
      shape: [positions, hidden],
      exact: true,
      skipRows: skipped,
    },
    { from: "embeddings.token_type_embeddings.weight", to: "token_types.weight", shape: [types, hidden], exact: true },
    ...pair("embeddings.LayerNorm", "token_embd_norm", hidden),
    ...Array.from({ length: config.size("num_hidden_layers") }, (_, i) => layer(i)).flat(),
  ];
}
