/** A Llama of random weights, wide enough for every quantisation, as the folder of a published model. Made when it is needed. */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import type { NamedFile } from "../../src/models/convert/folder.ts";
import { fixture } from "./fixtures.ts";

export interface WideModel {
  hidden: number;
  inner: number;
  layers: number;
  heads: number;
  keyValueHeads: number;
  tied: boolean;
}

/** Writes the folder and gives its files. The tokenizer is that of the llama fixture. */
export function wideModel(folder: string, model: WideModel): NamedFile[] {
  mkdirSync(folder, { recursive: true });
  const { hidden, inner, layers, heads, keyValueHeads, tied } = model;
  const config = {
    architectures: ["LlamaForCausalLM"],
    ...{ hidden_size: hidden, intermediate_size: inner, num_hidden_layers: layers, num_attention_heads: heads },
    ...{ num_key_value_heads: keyValueHeads, vocab_size: 330, max_position_embeddings: 2048, rms_norm_eps: 1e-5 },
    ...{ tie_word_embeddings: tied, bos_token_id: 327, eos_token_id: 329 },
  };
  writeFileSync(path.join(folder, "config.json"), JSON.stringify(config));
  writeFileSync(path.join(folder, "tokenizer.json"), readFileSync(path.join(fixture("llama"), "tokenizer.json")));
  writeFileSync(path.join(folder, "model.safetensors"), safetensors(shapes(model)));
  return ["config.json", "tokenizer.json", "model.safetensors"].map((name) => ({ name, path: path.join(folder, name) }));
}

function shapes({ hidden, inner, layers, heads, keyValueHeads, tied }: WideModel): Map<string, number[]> {
  const keyValue = (hidden / heads) * keyValueHeads;
  const found = new Map<string, number[]>([
    ["model.embed_tokens.weight", [330, hidden]],
    ["model.norm.weight", [hidden]],
    ...(tied ? [] : [["lm_head.weight", [330, hidden]] as [string, number[]]]),
  ]);
  for (let i = 0; i < layers; i++) {
    const add = (name: string, shape: number[]) => found.set(`model.layers.${i}.${name}.weight`, shape);
    add("input_layernorm", [hidden]);
    add("post_attention_layernorm", [hidden]);
    add("self_attn.q_proj", [hidden, hidden]);
    add("self_attn.k_proj", [keyValue, hidden]);
    add("self_attn.v_proj", [keyValue, hidden]);
    add("self_attn.o_proj", [hidden, hidden]);
    add("mlp.gate_proj", [inner, hidden]);
    add("mlp.up_proj", [inner, hidden]);
    add("mlp.down_proj", [hidden, inner]);
  }
  return found;
}

/** bfloat16 weights between -0.1 and 0.1, the same each time. */
function safetensors(tensors: Map<string, number[]>): Buffer {
  let end = 0;
  const header: Record<string, unknown> = {};
  for (const [name, shape] of tensors) {
    const size = shape.reduce((product, count) => product * count, 2);
    header[name] = { dtype: "BF16", shape, data_offsets: [end, end + size] };
    end += size;
  }
  const json = Buffer.from(JSON.stringify(header));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(json.length));
  const data = new Uint16Array(end / 2);
  const values = new Float32Array(1);
  const bits = new Uint32Array(values.buffer);
  let state = 1;
  for (let i = 0; i < data.length; i++) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    values[0] = (state / 2 ** 32 - 0.5) / 5;
    data[i] = (bits[0] ?? 0) >>> 16;
  }
  return Buffer.concat([length, json, Buffer.from(data.buffer)]);
}
