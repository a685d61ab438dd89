/**
 * What a model would weigh in another quantisation, from its header alone: which type llama.cpp's quantiser gives each tensor.
 * Source: llama_tensor_get_type of llama.cpp v0.5.0, src/llama-quant.cpp; the test compares with what it really writes.
 */
import { modelNumber, perLayer } from "./fields.ts";
import { tensorTypes } from "./file-types.ts";
import type { GgufHeader, GgufTensor } from "./types.ts";

/** Those a person chooses among, largest first. */
export const commonTypes = [
  ...[
    "F32",
    "F16",
    "Q8_0",
    "Q6_K",
    "Q5_K_M",
    "Q5_K_S",
    "Q4_K_M",
    "Q4_K_S",
    "IQ4_XS",
    "Q3_K_L",
    "Q3_K_M",
    "IQ3_M",
    "Q3_K_S",
    "Q2_K",
  ],
] as const;

const byName = new Map([...tensorTypes].map(([id, type]) => [type.name, { id, ...type }]));

/** The header with other tensors. `type` is a name such as `Q4_K_M`; vectors stay as they are. */
export function asQuantized(header: GgufHeader, type: string): GgufHeader {
  const mix = new Mix(header, type);
  return {
    ...header,
    tensors: inOrder(header.tensors).map((tensor) => (isQuantized(tensor) ? resized(tensor, mix.typeOf(tensor)) : tensor)),
  };
}

/** Weights of two dimensions and more, but for those that matter much and weigh little. */
function isQuantized({ name, shape }: GgufTensor): boolean {
  if (shape.filter((size) => size > 1).length < 2 || !name.endsWith("weight")) return false;
  return !/_norm\.weight$|ffn_gate_inp\.weight$|^position_embd\.|^token_types\.|ssm_conv1d|shortconv\.conv|attn_rel_b|time_mix_(lora|w|first|decay)/.test(
    name,
  );
}

/** Layer by layer: some rules count. */
function inOrder(tensors: GgufTensor[]): GgufTensor[] {
  return [...tensors].sort((a, b) => layerOf(a.name) - layerOf(b.name));
}

function layerOf(name: string): number {
  return Number(/^blk\.(\d+)\./.exec(name)?.[1] ?? -1);
}

function resized(tensor: GgufTensor, typeName: string): GgufTensor {
  const type = byName.get(typeName);
  if (!type) return tensor;
  const elements = tensor.shape.reduce((product, size) => product * size, 1);
  return { ...tensor, type: type.id, typeName, size: (elements / type.block) * type.bytes };
}

/** What a type gives to tensors for which no rule says otherwise. */
function baseOf(type: string): string {
  return type === "IQ3_M" ? "IQ3_S" : type.replace(/_[SML]$/, (end) => (/^Q\d_K/.test(type) ? "" : end));
}

class Mix {
  readonly #type: string;
  readonly #base: string;
  readonly #layers: number;
  readonly #sharing: number;
  readonly #experts: number;
  readonly #hasOutput: boolean;
  readonly #is70B: boolean;
  #value = 0;
  #down = 0;

  constructor(header: GgufHeader, type: string) {
    this.#type = type;
    this.#base = baseOf(type);
    this.#layers = modelNumber(header, "block_count") ?? 0;
    const heads = perLayer(header, "attention.head_count", this.#layers)?.[0] ?? 1;
    const keyValueHeads = perLayer(header, "attention.head_count_kv", this.#layers)?.[0] ?? heads;
    this.#sharing = keyValueHeads > 0 ? heads / keyValueHeads : 1;
    this.#experts = modelNumber(header, "expert_count") ?? 0;
    this.#hasOutput = header.tensors.some(({ name }) => name === "output.weight");
    this.#is70B = header.architecture === "llama" && this.#layers === 80 && this.#sharing > 1;
  }

  /** To be asked for each tensor once, in the order of layers. */
  typeOf({ name, shape }: GgufTensor): string {
    return fitting(this.#chosen(name, shape[0] ?? 0), shape[0] ?? 0);
  }

  #chosen(name: string, row: number): string {
    const type = this.#type;
    const base = this.#base;
    if (["F32", "F16", "BF16"].includes(type)) return base;
    if (name === "output.weight" || (!this.#hasOutput && name === "token_embd.weight")) {
      const block = byName.get(base)?.block ?? 1;
      if (row % block !== 0) return "Q8_0";
      return base === "Q8_0" ? base : "Q6_K";
    }
    if (name.includes("attn_v.weight")) return this.#forValues();
    if (name.includes("attn_k.weight")) return this.#experts === 8 ? "Q8_0" : base;
    if (name.includes("ffn_down")) return this.#forDown();
    if (name.includes("attn_output.weight")) {
      if (this.#experts === 8) return /^(Q2_K|IQ3_S|IQ3_M|Q3_K_[SM]|Q4_K_[SM]|IQ4_NL|IQ4_XS)$/.test(type) ? "Q5_K" : base;
      return { Q2_K: "Q3_K", Q3_K_M: "Q4_K", Q3_K_L: "Q5_K", IQ3_M: "Q4_K" }[type] ?? base;
    }
    if (name.includes("attn_qkv.weight")) {
      return { Q3_K_M: "Q4_K", Q3_K_L: "Q4_K", IQ3_M: "Q4_K", Q4_K_M: "Q5_K", Q5_K_M: "Q6_K" }[type] ?? base;
    }
    return base;
  }

  #forValues(): string {
    const i = this.#value++;
    const isShared = this.#sharing >= 4;
    const base = this.#base;
    let chosen = base;
    if (this.#type === "Q2_K") chosen = isShared ? "Q4_K" : "Q3_K";
    else if (this.#type === "IQ3_S" && isShared) chosen = "Q4_K";
    else if (this.#type === "IQ3_M") chosen = "Q4_K";
    else if (this.#type === "Q3_K_M") chosen = i < 2 ? "Q5_K" : "Q4_K";
    else if (this.#type === "Q3_K_L") chosen = "Q5_K";
    else if (/^IQ4_/.test(this.#type) && isShared) chosen = "Q5_K";
    else if (/^Q[45]_K_M$/.test(this.#type) && this.#getsMore(i)) chosen = "Q6_K";
    else if (this.#type === "Q4_K_S" && i < 4) chosen = "Q5_K";
    // Eight heads share them, so that more bits cost little.
    if (this.#is70B && (chosen === "Q3_K" || chosen === "Q4_K")) chosen = "Q5_K";
    return this.#experts === 8 ? "Q8_0" : chosen;
  }

  #forDown(): string {
    const i = this.#down++;
    const isEarly = i < Math.floor(this.#layers / 8);
    switch (this.#type) {
      case "Q2_K":
        return "Q3_K";
      case "Q3_K_M":
        return i < Math.floor(this.#layers / 16) ? "Q5_K" : "Q4_K";
      case "Q3_K_L":
        return "Q5_K";
      case "IQ3_M":
        return isEarly || (this.#experts === 8 && this.#getsMore(i)) ? "Q4_K" : this.#base;
      case "Q4_K_M":
      case "Q5_K_M":
        return this.#getsMore(i) ? "Q6_K" : this.#base;
      case "Q4_K_S":
      case "IQ4_NL":
      case "IQ4_XS":
        return isEarly ? "Q5_K" : this.#base;
      default:
        return this.#base;
    }
  }

  /** The first and last eighth of the layers, and every third between. */
  #getsMore(i: number): boolean {
    const eighth = Math.floor(this.#layers / 8);
    return i < eighth || i >= Math.floor((7 * this.#layers) / 8) || (i - eighth) % 3 === 2;
  }
}

/** Rows that a type's blocks do not divide get one with smaller blocks. */
function fitting(type: string, row: number): string {
  const divides = (name: string) => row % (byName.get(name)?.block ?? 1) === 0;
  if (divides(type)) return type;
  const smaller =
    { Q2_K: "Q4_0", Q3_K: "Q4_0", Q4_K: "Q5_0", Q5_K: "Q5_1", Q6_K: "Q8_0", TQ1_0: "Q4_0", TQ2_0: "Q4_0" }[type] ?? "IQ4_NL";
  return divides(smaller) ? smaller : "F16";
}
