/** Rotary positions: what config.json says of them, in the two forms that transformers has had, as GGUF metadata and factors. */
import { Invalid } from "../../errors.ts";
import type { Entry } from "../gguf/write.ts";
import { isRecord } from "../manifest.ts";
import type { ModelConfigFile } from "./config.ts";
import type { Json } from "./folder.ts";
import { f32, present, text, u32 } from "./metadata.ts";

/** The parameters of one kind of layers; `kind` matters for models with a sliding window. */
export function ropeParameters(config: ModelConfigFile, kind: "full_attention" | "sliding_attention" = "full_attention"): Json {
  const old = config.value("rope_scaling");
  const all = config.value("rope_parameters");
  const theta = config.optional("rope_theta", "rotary_emb_base");
  const base = { ...(theta !== undefined && { rope_theta: theta }), ...(isRecord(old) && old) };
  if (!isRecord(all)) return base;
  const own = all[kind];
  return isRecord(own) ? own : { ...base, ...all };
}

/** Base and scaling. Throws Invalid for a scaling that llama.cpp cannot do. */
export function ropeEntries(config: ModelConfigFile, architecture: string): Entry[] {
  const rope = ropeParameters(config);
  const theta = numberOf(rope, "rope_theta");
  return present(
    theta === undefined ? undefined : f32(`${architecture}.rope.freq_base`, theta),
    ...scalingEntries(rope, architecture, config),
  );
}

function scalingEntries(rope: Json, architecture: string, config: ModelConfigFile): (Entry | undefined)[] {
  const prefix = `${architecture}.rope.scaling`;
  const type = ropeType(rope);
  const factor = numberOf(rope, "factor");
  const original = numberOf(rope, "original_max_position_embeddings") ?? config.optional("original_max_position_embeddings");
  switch (type) {
    case "default":
    // These two become factors, tensors of their own.
    case "llama3":
    case "longrope":
      return [];
    case "linear":
      return [text(`${prefix}.type`, "linear"), f32(`${prefix}.factor`, required(factor, "factor"))];
    case "yarn": {
      const optional = (key: string, ...names: string[]) => {
        const value = names.map((name) => numberOf(rope, name)).find((found) => found !== undefined);
        return value === undefined ? undefined : f32(`${prefix}.${key}`, value);
      };
      return [
        text(`${prefix}.type`, "yarn"),
        f32(`${prefix}.factor`, required(factor, "factor")),
        u32(`${prefix}.original_context_length`, original ?? config.size("max_position_embeddings")),
        optional("yarn_ext_factor", "extrapolation_factor"),
        optional("yarn_attn_factor", "attention_factor", "attn_factor"),
        optional("yarn_beta_fast", "beta_fast"),
        optional("yarn_beta_slow", "beta_slow"),
      ];
    }
    default:
      throw new Invalid(`"config.json": rope scaling of type ${JSON.stringify(type)} cannot be converted`);
  }
}

/** Divisors of each frequency for the `llama3` scaling; undefined for others. Source: the Llama 3.1 model card's code, as in transformers. */
export function llama3Factors(config: ModelConfigFile, headSize: number): Float32Array<ArrayBuffer> | undefined {
  const rope = ropeParameters(config);
  if (ropeType(rope) !== "llama3") return undefined;
  const base = numberOf(rope, "rope_theta") ?? 10_000;
  const factor = required(numberOf(rope, "factor"), "factor");
  const low = required(numberOf(rope, "low_freq_factor"), "low_freq_factor");
  const high = required(numberOf(rope, "high_freq_factor"), "high_freq_factor");
  const context = required(numberOf(rope, "original_max_position_embeddings"), "original_max_position_embeddings");
  return Float32Array.from({ length: headSize / 2 }, (_, i) => {
    const wavelength = 2 * Math.PI * base ** ((2 * i) / headSize);
    if (wavelength < context / high) return 1;
    if (wavelength > context / low) return factor;
    const smooth = (context / wavelength - low) / (high - low);
    return 1 / ((1 - smooth) / factor + smooth);
  });
}

/** `default` when nothing is said. */
export function ropeType(rope: Json): string {
  const type = rope.rope_type ?? rope.type;
  if (typeof type !== "string" || type === "mrope") return "default";
  // "su" is what Phi-3 called it first.
  return type === "su" ? "longrope" : type.toLowerCase();
}

export function numberOf(rope: Json, key: string): number | undefined {
  const value = rope[key];
  return typeof value === "number" && Number.isFinite(value) ? value : undefined;
}

function required(value: number | undefined, key: string): number {
  if (value === undefined) throw new Invalid(`"config.json": the rope scaling lacks ${key}`);
  return value;
}
