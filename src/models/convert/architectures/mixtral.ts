/** Mixtral: a Llama whose feed-forward part is chosen from experts, token by token. */
import { u32 } from "../metadata.ts";
import type { Row } from "../plan.ts";
import type { Architecture } from "./architecture.ts";
import { decoderSizes, layerRows, outerRows } from "./decoder.ts";
import { llama, llamaAttention } from "./llama.ts";

/** Its names of gate, down and up. */
const parts = { w1: "gate", w2: "down", w3: "up" } as const;

export const mixtral: Architecture = {
  ...llama,
  names: ["MixtralForCausalLM"],
  metadata: (config) => [
    ...llama.metadata(config),
    u32("llama.expert_count", config.size("num_local_experts")),
    u32("llama.expert_used_count", config.size("num_experts_per_tok")),
  ],
  rows(config) {
    const { layers, hidden, inner } = decoderSizes(config);
    const experts = config.size("num_local_experts");
    const shapes = { gate: [experts, inner, hidden], up: [experts, inner, hidden], down: [experts, hidden, inner] };
    const expertRows = Array.from({ length: layers }, (_, layer): Row[] =>
      Object.entries(parts).map(([theirs, ours]) => ({
        from: Array.from(
          { length: experts },
          (_, expert) => `layers.${layer}.block_sparse_moe.experts.${expert}.${theirs}.weight`,
        ),
        to: `blk.${layer}.ffn_${ours}_exps.weight`,
        shape: shapes[ours],
      })),
    );
    return [
      ...outerRows(config),
      ...layerRows(layers, (row) => [
        ...llamaAttention(config, row),
        row("block_sparse_moe.gate.weight", "ffn_gate_inp.weight", [experts, hidden], { exact: true }),
      ]),
      ...expertRows.flat(),
    ];
  },
};
