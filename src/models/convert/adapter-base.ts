/** The GGUF header of a base model in the words of config.json, as far as the shapes of its matrices need them. */
import { modelNumber, perLayer } from "../gguf/fields.ts";
import type { GgufHeader } from "../gguf/types.ts";
import type { AdapterBase } from "./adapter.ts";

export function adapterBase(header: GgufHeader): AdapterBase {
  const number = (key: string) => modelNumber(header, key);
  const layers = number("block_count") ?? 0;
  const heads = perLayer(header, "attention.head_count", layers)?.[0];
  return {
    architecture: header.architecture,
    config: {
      hidden_size: number("embedding_length"),
      num_hidden_layers: layers,
      num_attention_heads: heads,
      num_key_value_heads: perLayer(header, "attention.head_count_kv", layers)?.[0] ?? heads,
      head_dim: number("attention.key_length"),
      intermediate_size: perLayer(header, "feed_forward_length", layers)?.[0],
      num_local_experts: number("expert_count"),
      vocab_size: header.tensors.find(({ name }) => name === "token_embd.weight")?.shape[1],
    },
  };
}
