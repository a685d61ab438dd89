/** A LoRA adapter as peft writes it (adapter_config.json, adapter_model.safetensors) into a GGUF for a base model. */
import { type FileHandle, open } from "node:fs/promises";
import { Invalid } from "../../errors.ts";
import { type TensorInput, writeGguf } from "../gguf/write.ts";
import { isRecord } from "../manifest.ts";
import { architectures } from "./architectures/index.ts";
import { ModelConfigFile } from "./config.ts";
import { tensorInput } from "./convert.ts";
import type { Open } from "./encode.ts";
import { type Json, ModelFolder, type NamedFile } from "./folder.ts";
import { f32, text } from "./metadata.ts";
import { type PlannedTensor, planTensors, type Row } from "./plan.ts";
import { readSafetensors, type SourceTensor } from "./safetensors.ts";

/** What must be known of the model that the adapter is for: its GGUF header in the words of config.json. */
export interface AdapterBase {
  architecture: string;
  config: Json;
}

export interface AdapterJob {
  files: NamedFile[];
  output: string;
  base: AdapterBase;
}

const CONFIG = "adapter_config.json";

/** Throws Invalid, with one clear sentence, for an adapter that cannot be converted or does not fit the base. */
export async function convertAdapter({ files, output, base }: AdapterJob): Promise<void> {
  const folder = new ModelFolder(files.map(({ name, path }) => ({ name: name.split("/").at(-1) ?? name, path })));
  const settings = await readSettings(folder);
  const weights = folder.files.filter(({ name }) => name.endsWith(".safetensors"));
  const [file] = weights;
  if (!file || weights.length > 1) throw new Invalid(`an adapter has one safetensors file; ${weights.length} are there`);
  const tensors = await readSafetensors(file.path, file.name);
  const handle = await open(file.path, "r");
  try {
    const opened: Open = async (): Promise<FileHandle> => handle;
    const planned = planAdapter(tensors, base);
    const inputs: TensorInput[] = planned.map((tensor) => tensorInput(tensor, "F32", opened));
    const metadata = [
      text("general.architecture", base.architecture),
      text("general.type", "adapter"),
      text("adapter.type", "lora"),
      f32("adapter.lora.alpha", settings.alpha),
    ];
    await writeGguf(output, { metadata, tensors: inputs });
  } finally {
    await handle.close();
  }
}

/** llama.cpp scales by alpha / rank; what scales otherwise must be said in that. */
async function readSettings(folder: ModelFolder): Promise<{ alpha: number }> {
  const config = await folder.json(CONFIG);
  if (!config) throw new Invalid(`"${CONFIG}" is missing; an adapter has it beside its safetensors file`);
  const { r: rank, lora_alpha: alpha } = config;
  if (typeof rank !== "number" || !(rank >= 1)) throw new Invalid(`"${CONFIG}": r is not a rank`);
  if (typeof alpha !== "number" || !Number.isFinite(alpha)) throw new Invalid(`"${CONFIG}": lora_alpha is not a number`);
  const uneven = ["rank_pattern", "alpha_pattern"].some((key) => isRecord(config[key]) && Object.keys(config[key]).length > 0);
  if (uneven) throw new Invalid(`"${CONFIG}": ranks or alphas that differ between layers cannot be converted`);
  if (config.use_dora === true) throw new Invalid(`"${CONFIG}": DoRA adapters cannot be converted, only LoRA`);
  return { alpha: config.use_rslora === true ? alpha * Math.sqrt(rank) : alpha };
}

function planAdapter(tensors: SourceTensor[], base: AdapterBase): PlannedTensor[] {
  const rows = rowsOf(base);
  const byName = new Map(tensors.map((tensor) => [partName(tensor.name), tensor]));
  const wanted = new Map<string, Row>();
  for (const [name, tensor] of byName) {
    const [, stem, side] = /^(.*)\.lora_([AB])\.weight$/.exec(name) ?? [];
    const row = stem === undefined ? undefined : rows.get(`${stem}.weight`);
    if (stem === undefined || !row)
      throw new Invalid(`tensor "${tensor.name}" of the adapter belongs to nothing in a ${base.architecture} model`);
    const [outputs = 0, inputs = 0] = row.shape;
    const rank = (side === "A" ? tensor.shape[0] : tensor.shape[1]) ?? 0;
    const other = byName.get(`${stem}.lora_${side === "A" ? "B" : "A"}.weight`);
    const otherRank = side === "A" ? other?.shape[1] : other?.shape[0];
    if (otherRank !== rank) throw new Invalid(`tensor "${tensor.name}" of the adapter has no partner of its rank ${rank}`);
    if (row.shape.length !== 2) throw new Invalid(`tensor "${tensor.name}" of the adapter is not for a matrix`);
    wanted.set(name, {
      from: name,
      to: `${row.to}.lora_${side === "A" ? "a" : "b"}`,
      shape: side === "A" ? [rank, inputs] : [outputs, rank],
      // What comes out is what was reordered in the base.
      ...(side === "B" && row.pairHeads !== undefined && { pairHeads: row.pairHeads }),
    });
  }
  if (wanted.size === 0) throw new Invalid("the adapter holds no tensors");
  return planTensors([...wanted.values()], byName, /^$/);
}

/** peft's prefix, and the adapter's own name in the middle, tell nothing. */
function partName(name: string): string {
  const plain = name.replace(/^base_model\.model\./, "").replace(/\.lora_([AB])\.\w+\.weight$/, ".lora_$1.weight");
  return plain.replace(/^(model\.)?language_model\.(model\.)?/, "").replace(/^model\./, "");
}

function rowsOf({ architecture, config }: AdapterBase): Map<string, Row> {
  const found = architectures.find(({ gguf }) => gguf === architecture);
  if (!found)
    throw new Invalid(`unsupported architecture ${JSON.stringify(architecture)}: adapters for it must be given as GGUF`);
  const file = new ModelConfigFile({ architectures: found.names, ...config });
  return new Map(
    found.rows(file, () => false).flatMap((row) => (typeof row.from === "string" ? [[row.from, row] as const] : [])),
  );
}
