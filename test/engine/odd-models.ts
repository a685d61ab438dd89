/** Tiny models of random weights whose memory is not a plain KV cache: a recurrent one, and one with a sliding window. */
import path from "node:path";
import { readGguf } from "../../src/models/gguf/read.ts";
import { valueTypes } from "../../src/models/gguf/value-types.ts";
import { type Entry, type TensorInput, writeGguf } from "../../src/models/gguf/write.ts";
import { shared } from "./runner.ts";

const F32 = 0;
const WIDTH = 64;
const LAYERS = 2;
const VOCABULARY = 512;

type Sizes = Record<string, number[]>;

/** Mamba: a state of fixed size instead of a cache. */
export function writeMamba(file: string): Promise<void> {
  const inner = 2 * WIDTH;
  const [state, rank, kernel] = [16, 4, 4];
  const layer: Sizes = {
    "attn_norm.weight": [WIDTH],
    "ssm_in.weight": [WIDTH, 2 * inner],
    "ssm_conv1d.weight": [kernel, inner],
    "ssm_conv1d.bias": [inner],
    "ssm_x.weight": [inner, rank + 2 * state],
    "ssm_dt.weight": [rank, inner],
    "ssm_dt.bias": [inner],
    ssm_a: [state, inner],
    ssm_d: [inner],
    "ssm_out.weight": [inner, WIDTH],
  };
  const numbers = { "ssm.conv_kernel": kernel, "ssm.inner_size": inner, "ssm.state_size": state, "ssm.time_step_rank": rank };
  return write(file, "mamba", layer, { ...numbers, feed_forward_length: 0, "attention.head_count": 0 });
}

/** Gemma 2: every other layer sees the last 64 tokens only, and forgets the rest. */
export function writeSlidingWindow(file: string): Promise<void> {
  const inner = 128;
  const square = [WIDTH, WIDTH];
  const layer: Sizes = {
    "attn_norm.weight": [WIDTH],
    "attn_q.weight": square,
    "attn_k.weight": square,
    "attn_v.weight": square,
    "attn_output.weight": square,
    "post_attention_norm.weight": [WIDTH],
    "ffn_norm.weight": [WIDTH],
    "ffn_gate.weight": [WIDTH, inner],
    "ffn_up.weight": [WIDTH, inner],
    "ffn_down.weight": [inner, WIDTH],
    "post_ffw_norm.weight": [WIDTH],
  };
  const heads = {
    "attention.head_count": 2,
    "attention.head_count_kv": 2,
    "attention.key_length": 32,
    "attention.value_length": 32,
  };
  return write(file, "gemma2", layer, { ...heads, feed_forward_length: inner, "attention.sliding_window": 64 });
}

/** The words are those of stories260K. */
async function write(file: string, arch: string, layer: Sizes, numbers: Record<string, number>): Promise<void> {
  const words = await readGguf(path.join(shared, "stories260K.gguf"), { maxArray: Number.POSITIVE_INFINITY });
  const metadata: Entry[] = [{ key: "general.architecture", type: valueTypes.string, value: arch }];
  const set = (key: string, value: number, type: number) => metadata.push({ key: `${arch}.${key}`, type, value });
  for (const [key, value] of Object.entries({ context_length: 2048, embedding_length: WIDTH, block_count: LAYERS, ...numbers })) {
    set(key, value, valueTypes.u32);
  }
  set("attention.layer_norm_rms_epsilon", 1e-5, valueTypes.f32);
  for (const [key, value] of words.metadata) {
    if (key.startsWith("tokenizer.")) metadata.push({ key, value, type: words.metadataTypes.get(key) ?? valueTypes.string });
  }
  const sizes: Sizes = { "token_embd.weight": [WIDTH, VOCABULARY], "output_norm.weight": [WIDTH] };
  for (let i = 0; i < LAYERS; i++) for (const [name, shape] of Object.entries(layer)) sizes[`blk.${i}.${name}`] = shape;
  await writeGguf(file, { metadata, tensors: Object.entries(sizes).map(([name, shape], i) => tensor(name, shape, i + 1)) });
}

function tensor(name: string, shape: number[], seed: number): TensorInput {
  const values = new Float32Array(shape.reduce((product, size) => product * size, 1));
  let state = seed * 2654435761;
  for (let i = 0; i < values.length; i++) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    const noise = state / 2 ** 32 - 0.5;
    values[i] = name.includes("norm") ? 1 : name.endsWith("ssm_a") ? -0.1 - Math.abs(noise) : noise * 0.6;
  }
  return { name, shape, type: F32, data: new Uint8Array(values.buffer) };
}
