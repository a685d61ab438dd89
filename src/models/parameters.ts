/** The parameters a Modelfile or a request may set, with their types. Ollama's table and Puna's further samplers. */
import { Invalid } from "../errors.ts";
import type { Command } from "./modelfile.ts";

type Kind = "int" | "float" | "bool" | "strings";

const kinds: Record<Kind, string[]> = {
  int: [
    ...["num_ctx", "num_batch", "num_gpu", "main_gpu", "num_thread", "draft_num_predict", "num_keep", "seed", "num_predict"],
    ...["top_k", "repeat_last_n", "mirostat", "dry_allowed_length", "dry_penalty_last_n"],
  ],
  float: [
    ...["temperature", "top_p", "min_p", "typical_p", "repeat_penalty", "presence_penalty", "frequency_penalty"],
    ...["mirostat_tau", "mirostat_eta", "dry_multiplier", "dry_base", "xtc_probability", "xtc_threshold", "top_n_sigma"],
    ...["dynatemp_range", "dynatemp_exponent"],
  ],
  bool: ["use_mmap"],
  strings: ["stop", "dry_sequence_breakers"],
};
const kindOf = new Map(Object.entries(kinds).flatMap(([kind, names]) => names.map((name) => [name, kind as Kind])));

/** Once had a meaning in Ollama; warned of and left out. */
const deprecated = new Set([
  ...["penalize_newline", "low_vram", "f16_kv", "logits_all", "vocab_only", "use_mlock", "numa", "num_gqa"],
  ...["rope_frequency_base", "rope_frequency_scale", "tfs_z", "embedding_only"],
]);

export interface ParsedParameters {
  parameters: Record<string, unknown>;
  /** Lines for the user, such as `warning: parameter low_vram is deprecated`. */
  warnings: string[];
}

/** Values of the PARAMETER commands of a Modelfile. Lists accumulate, else the last one counts. Throws Invalid with Ollama's texts. */
export function parseParameters(commands: Command[]): ParsedParameters {
  const parameters: Record<string, unknown> = {};
  const warnings: string[] = [];
  for (const { name, value } of commands) {
    const kind = kindOf.get(name);
    if (deprecated.has(name)) warnings.push(`warning: parameter ${name} is deprecated`);
    else if (kind === undefined) throw new Invalid(`unknown parameter '${name}'`);
    else if (kind === "strings") parameters[name] = [...stringsOf(parameters[name]), value];
    else parameters[name] = parseOne(kind, value);
  }
  return { parameters, warnings };
}

/**
 * Checks the `parameters` of a create request: known ones must have their type, or be text that reads as it; unknown
 * ones are kept, since Ollama ignores them when a model runs. Null removes one. Throws Invalid.
 */
export function checkParameters(given: Record<string, unknown>): Record<string, unknown> {
  const checked: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(given)) {
    const kind = kindOf.get(name);
    checked[name] = kind === undefined || value === null ? value : checkOne(name, kind, value);
  }
  return checked;
}

function checkOne(name: string, kind: Kind, value: unknown): unknown {
  if (kind === "strings") {
    if (typeof value === "string") return [value];
    if (Array.isArray(value) && value.every((item) => typeof item === "string")) return value;
    throw new Invalid(`option "${name}" must be of an array of strings`);
  }
  if (typeof value === "string") return parseOne(kind, value);
  if (kind === "bool" ? typeof value === "boolean" : typeof value === "number" && Number.isFinite(value)) {
    return kind === "int" ? Math.trunc(Number(value)) : value;
  }
  throw new Invalid(`option "${name}" must be of type ${kind === "int" ? "integer" : kind === "bool" ? "boolean" : "float32"}`);
}

function parseOne(kind: Exclude<Kind, "strings">, text: string): number | boolean {
  const fault = () => new Invalid(`invalid ${kind} value [${text}]`);
  if (kind === "bool") {
    if (["1", "t", "T", "true", "TRUE", "True"].includes(text)) return true;
    if (["0", "f", "F", "false", "FALSE", "False"].includes(text)) return false;
    throw fault();
  }
  const pattern = kind === "int" ? /^[+-]?\d+$/ : /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;
  const value = Number(text);
  if (!pattern.test(text) || !Number.isFinite(value) || (kind === "int" && !Number.isSafeInteger(value))) throw fault();
  return value;
}

function stringsOf(value: unknown): string[] {
  return Array.isArray(value) ? value.map(String) : [];
}
