/** Models of random weights in real shapes: speed depends on sizes, not on what a model has learnt. */
import { existsSync, mkdirSync, renameSync, rmSync } from "node:fs";
import { open } from "node:fs/promises";
import path from "node:path";
import { quantize } from "#puna/llama/index";
import { valueTypes } from "#puna/models/gguf/value-types";
import { encodeHeader, type TensorInput, tensorBytes } from "#puna/models/gguf/write";
import { vocabulary } from "./vocabulary.ts";

export interface Shape {
  embedding: number;
  layers: number;
  heads: number;
  kvHeads: number;
  feedForward: number;
  vocabulary: number;
}

/** `small` is for quick runs; the others are the sizes of real models. */
export const shapes: Readonly<Record<string, Shape>> = {
  tiny: { embedding: 256, layers: 2, heads: 4, kvHeads: 4, feedForward: 512, vocabulary: 32_000 },
  small: { embedding: 512, layers: 8, heads: 8, kvHeads: 4, feedForward: 1536, vocabulary: 32_000 },
  "0.3b": { embedding: 1024, layers: 24, heads: 16, kvHeads: 8, feedForward: 2816, vocabulary: 32_000 },
  "1.2b": { embedding: 2048, layers: 16, heads: 32, kvHeads: 8, feedForward: 8192, vocabulary: 128_256 },
};

const F32 = 0;
const F16 = 1;
const CONTEXT = 32_768;

/** The file of a shape in a quantisation, made on first use. `F16` is the model as generated. */
export async function syntheticModel(name: string, quantisation: string, folder: string): Promise<string> {
  const shape = shapes[name];
  if (!shape) throw new Error(`no shape "${name}": it is one of ${Object.keys(shapes).join(", ")}`);
  const file = path.join(folder, `synthetic-${name}-${quantisation.toUpperCase()}.gguf`);
  if (existsSync(file)) return file;
  mkdirSync(folder, { recursive: true });
  const full = path.join(folder, `synthetic-${name}-F16.gguf`);
  const kept = existsSync(full);
  if (!kept) await writeModel(full, name, shape);
  if (full === file) return file;
  const part = `${file}.part`;
  rmSync(part, { force: true });
  quantize(full, part, { type: quantisation, threads: 1 });
  renameSync(part, file);
  if (!kept) rmSync(full);
  return file;
}

async function writeModel(file: string, name: string, shape: Shape): Promise<void> {
  const tensors = tensorsOf(shape);
  const part = `${file}.part`;
  const handle = await open(part, "w");
  try {
    await handle.writeFile(encodeHeader({ metadata: metadataOf(name, shape), tensors }));
    const noise = noiseOf(1 << 23);
    for (const tensor of tensors) {
      const size = sizeOf(tensor);
      if (tensor.type === F32) await handle.writeFile(Buffer.from(new Float32Array(size / 4).fill(1).buffer));
      else await writeNoise(handle, size, noise, tensor.name === "token_embd.weight" ? shape.embedding * 2 * 3 : 0);
      await handle.writeFile(Buffer.alloc((32 - (size % 32)) % 32));
    }
    await handle.sync();
  } finally {
    await handle.close();
  }
  renameSync(part, file);
}

/** The last `zeros` bytes are 0: in the (tied) embeddings those are the control tokens, whose logits so never win. */
async function writeNoise(handle: Awaited<ReturnType<typeof open>>, size: number, noise: Buffer, zeros: number): Promise<void> {
  for (let left = size - zeros; left > 0; ) {
    const start = 2 * Math.floor(Math.random() * 4096);
    const chunk = noise.subarray(start, start + Math.min(left, noise.length - start));
    await handle.writeFile(chunk);
    left -= chunk.length;
  }
  await handle.writeFile(Buffer.alloc(zeros));
}

/** Normally distributed half-precision numbers of deviation 0.02, as an untrained model would have. */
function noiseOf(bytes: number): Buffer {
  const halves = new Uint16Array(bytes / 2);
  for (let index = 0; index < halves.length; index++) {
    const radius = Math.sqrt(-2 * Math.log(Math.random() || 1e-9));
    halves[index] = halfOf(0.02 * radius * Math.cos(2 * Math.PI * Math.random()));
  }
  return Buffer.from(halves.buffer);
}

const single = new Float32Array(1);
const bits = new Uint32Array(single.buffer);

/** IEEE half precision, rounded towards zero; what is too small becomes a signed zero. */
function halfOf(value: number): number {
  single[0] = value;
  const word = bits[0] ?? 0;
  const exponent = ((word >> 23) & 0xff) - 127 + 15;
  const sign = (word >>> 16) & 0x8000;
  return exponent <= 0 ? sign : sign | (exponent << 10) | ((word >> 13) & 0x3ff);
}

function tensorsOf(shape: Shape): TensorInput[] {
  const tensor = (name: string, sizes: number[], type: number): TensorInput => ({
    name,
    shape: sizes,
    type,
    data: { path: "", start: 0, size: tensorBytes(type, sizes) ?? 0 },
  });
  const { embedding, feedForward } = shape;
  const kv = (embedding / shape.heads) * shape.kvHeads;
  const layer = (index: number): TensorInput[] => [
    tensor(`blk.${index}.attn_norm.weight`, [embedding], F32),
    tensor(`blk.${index}.attn_q.weight`, [embedding, embedding], F16),
    tensor(`blk.${index}.attn_k.weight`, [embedding, kv], F16),
    tensor(`blk.${index}.attn_v.weight`, [embedding, kv], F16),
    tensor(`blk.${index}.attn_output.weight`, [embedding, embedding], F16),
    tensor(`blk.${index}.ffn_norm.weight`, [embedding], F32),
    tensor(`blk.${index}.ffn_gate.weight`, [embedding, feedForward], F16),
    tensor(`blk.${index}.ffn_up.weight`, [embedding, feedForward], F16),
    tensor(`blk.${index}.ffn_down.weight`, [feedForward, embedding], F16),
  ];
  return [
    tensor("token_embd.weight", [embedding, shape.vocabulary], F16),
    ...Array.from({ length: shape.layers }, (_, index) => layer(index)).flat(),
    tensor("output_norm.weight", [embedding], F32),
  ];
}

function sizeOf({ data }: TensorInput): number {
  return data instanceof Uint8Array ? data.length : data.size;
}

function metadataOf(name: string, shape: Shape) {
  const u32 = (key: string, value: number) => ({ key: `llama.${key}`, type: valueTypes.u32, value });
  const f32 = (key: string, value: number) => ({ key: `llama.${key}`, type: valueTypes.f32, value });
  return [
    { key: "general.architecture", type: valueTypes.string, value: "llama" },
    { key: "general.name", type: valueTypes.string, value: `synthetic ${name}` },
    { key: "general.file_type", type: valueTypes.u32, value: F16 },
    u32("block_count", shape.layers),
    u32("context_length", CONTEXT),
    u32("embedding_length", shape.embedding),
    u32("feed_forward_length", shape.feedForward),
    u32("attention.head_count", shape.heads),
    u32("attention.head_count_kv", shape.kvHeads),
    u32("rope.dimension_count", shape.embedding / shape.heads),
    u32("vocab_size", shape.vocabulary),
    f32("attention.layer_norm_rms_epsilon", 1e-5),
    f32("rope.freq_base", 500_000),
    ...vocabulary(shape.vocabulary),
  ];
}
