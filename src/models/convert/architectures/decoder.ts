/** What the decoders of the Llama line have in common. */
import { Invalid } from "../../../errors.ts";
import type { Entry } from "../../gguf/write.ts";
import type { ModelConfigFile } from "../config.ts";
import { f32, u32 } from "../metadata.ts";
import type { Row } from "../plan.ts";
import { ropeEntries } from "../rope.ts";

/** Sizes that nearly every tensor's shape is made of. */
export function decoderSizes(config: ModelConfigFile) {
  const hidden = config.size("hidden_size");
  const heads = config.size("num_attention_heads");
  const keyValueHeads = config.optionalSize("num_key_value_heads") ?? heads;
  const headSize = config.optionalSize("head_dim") ?? hidden / heads;
  if (!Number.isInteger(headSize) || headSize % 2 !== 0)
    throw new Invalid(`"config.json": heads of ${headSize} numbers cannot be converted`);
  const layers = config.size("num_hidden_layers");
  if (layers > 512) throw new Invalid(`"config.json": num_hidden_layers is ${layers}, more than 512`);
  return {
    hidden,
    heads,
    keyValueHeads,
    headSize,
    layers,
    vocabulary: config.size("vocab_size"),
    inner: config.size("intermediate_size"),
    query: heads * headSize,
    keyValue: keyValueHeads * headSize,
  };
}

export function decoderMetadata(config: ModelConfigFile, architecture: string): Entry[] {
  const sizes = decoderSizes(config);
  const key = (name: string) => `${architecture}.${name}`;
  return [
    u32(key("block_count"), sizes.layers),
    u32(key("context_length"), config.size("max_position_embeddings", "n_positions")),
    u32(key("embedding_length"), sizes.hidden),
    u32(key("feed_forward_length"), sizes.inner),
    u32(key("attention.head_count"), sizes.heads),
    u32(key("attention.head_count_kv"), sizes.keyValueHeads),
    u32(key("attention.key_length"), sizes.headSize),
    u32(key("attention.value_length"), sizes.headSize),
    f32(key("attention.layer_norm_rms_epsilon"), config.number("rms_norm_eps")),
    ...ropeEntries(config, architecture),
  ];
}

/** Rows of every layer: `make` gets names to which the layer's prefix is put on both sides. */
export function layerRows(
  layers: number,
  make: (row: (from: string, to: string, shape: number[], more?: Partial<Row>) => Row) => Row[],
): Row[] {
  return Array.from({ length: layers }, (_, layer) =>
    make((from, to, shape, more) => ({ from: `layers.${layer}.${from}`, to: `blk.${layer}.${to}`, shape, ...more })),
  ).flat();
}

/** Embeddings, last norm and output; the output is the embeddings again when the model ties them. */
export function outerRows(config: ModelConfigFile, { add }: { add?: number } = {}): Row[] {
  const { vocabulary, hidden } = decoderSizes(config);
  return [
    { from: "embed_tokens.weight", to: "token_embd.weight", shape: [vocabulary, hidden] },
    { from: "norm.weight", to: "output_norm.weight", shape: [hidden], ...(add !== undefined && { add }) },
    ...(config.flag("tie_word_embeddings")
      ? []
      : [{ from: "lm_head.weight", to: "output.weight", shape: [vocabulary, hidden], optional: true }]),
  ];
}

/** Gate, up and down of a gated feed-forward part. */
export function gatedRows(
  row: (from: string, to: string, shape: number[]) => Row,
  { hidden, inner }: { hidden: number; inner: number },
): Row[] {
  return [
    row("mlp.gate_proj.weight", "ffn_gate.weight", [inner, hidden]),
    row("mlp.up_proj.weight", "ffn_up.weight", [inner, hidden]),
    row("mlp.down_proj.weight", "ffn_down.weight", [hidden, inner]),
  ];
}

/** Publishers put `model.`, or the place of the language part in a larger model, in front of the names. */
export function decoderName(name: string): string {
  return name.replace(/^(model\.)?language_model\.(model\.)?/, "").replace(/^model\./, "");
}

/** Frequencies are computed, not read; a tied output may be written all the same. */
export const decoderIgnore = /(^|\.)rotary_emb\.inv_freq$|(^|\.)masked_bias$|^lm_head\.weight$/;
