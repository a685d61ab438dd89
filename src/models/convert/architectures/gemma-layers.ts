/** What the three Gemmas have in common. Their norms multiply by 1 + weight, llama.cpp's by the weight: 1 is added here. */
import type { Entry } from "../../gguf/write.ts";
import type { ModelConfigFile } from "../config.ts";
import { f32 } from "../metadata.ts";
import type { Row } from "../plan.ts";
import { decoderIgnore, decoderMetadata, decoderName, decoderSizes, gatedRows, layerRows, outerRows } from "./decoder.ts";

export const gemmaShared = {
  rename: decoderName,
  // The output is always the embeddings again. Vision towers stay behind: this is the text model.
  ignore: new RegExp(`${decoderIgnore.source}|(^|\\.)(vision_tower|multi_modal_projector)\\.`),
  vocabularySize: (config: ModelConfigFile) => decoderSizes(config).vocabulary,
};

export type MakeRow = (from: string, to: string, shape: number[], more?: Partial<Row>) => Row;

export function gemmaMetadata(config: ModelConfigFile, architecture: string): Entry[] {
  config.demand("attention_bias", false);
  config.demand("hidden_activation", "gelu_pytorch_tanh");
  const { headSize, hidden, heads } = decoderSizes(config);
  // llama.cpp knows these two scales, the second for the 27B models only.
  config.demand("query_pre_attn_scalar", headSize, hidden / heads);
  return decoderMetadata(config, architecture);
}

/** All rows but the norms around attention and feed-forward part, which `norms` gives. */
export function gemmaRows(config: ModelConfigFile, norms: (row: MakeRow, hidden: number) => Row[]): Row[] {
  const sizes = decoderSizes(config);
  const { hidden, query, keyValue } = sizes;
  return [
    ...outerRows(config, { add: 1 }).filter(({ to }) => to !== "output.weight"),
    ...layerRows(sizes.layers, (row) => [
      row("input_layernorm.weight", "attn_norm.weight", [hidden], { add: 1 }),
      row("self_attn.q_proj.weight", "attn_q.weight", [query, hidden]),
      row("self_attn.k_proj.weight", "attn_k.weight", [keyValue, hidden]),
      row("self_attn.v_proj.weight", "attn_v.weight", [keyValue, hidden]),
      row("self_attn.o_proj.weight", "attn_output.weight", [hidden, query]),
      ...norms(row, hidden),
      ...gatedRows(row, sizes),
    ]),
  ];
}

/** Gemma 2 and 3 have a norm before and behind each part. */
export function fourNorms(row: MakeRow, hidden: number): Row[] {
  return [
    row("post_attention_layernorm.weight", "post_attention_norm.weight", [hidden], { add: 1 }),
    row("pre_feedforward_layernorm.weight", "ffn_norm.weight", [hidden], { add: 1 }),
    row("post_feedforward_layernorm.weight", "post_ffw_norm.weight", [hidden], { add: 1 }),
  ];
}

/** A bound that logits are bent to, where the model has one. */
export function capEntry(config: ModelConfigFile, architecture: string, key: string): Entry[] {
  const value = config.optional(key);
  return value === undefined ? [] : [f32(`${architecture}.${key}`, value)];
}
