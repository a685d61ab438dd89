/** How an embedding model makes one vector of many, by the files of sentence-transformers. */
import { Invalid } from "../../errors.ts";
import type { Entry } from "../gguf/write.ts";
import { isRecord } from "../manifest.ts";
import type { ModelFolder } from "./folder.ts";
import { u32 } from "./metadata.ts";

/** llama.h's LLAMA_POOLING_TYPE_*. */
const types = { mean: 1, cls: 2, lasttoken: 3 } as const;

/** Undefined when the folder has no such files. Throws Invalid for a pooling that llama.cpp has not. */
async function poolingType(folder: ModelFolder): Promise<number | undefined> {
  const modules = await folder.value("modules.json");
  if (!Array.isArray(modules)) return undefined;
  const module = modules.filter(isRecord).find(({ type }) => typeof type === "string" && type.endsWith("Pooling"));
  if (typeof module?.path !== "string") return undefined;
  const config = await folder.json(`${module.path}/config.json`);
  if (!config) throw new Invalid(`"${module.path}/config.json" is missing; it says how the model pools`);
  for (const [mode, type] of Object.entries(types)) {
    const old = mode === "lasttoken" ? "pooling_mode_lasttoken" : `pooling_mode_${mode}_token${mode === "mean" ? "s" : ""}`;
    if (config[old] === true || config.pooling_mode === mode) return type;
  }
  throw new Invalid(`"${module.path}/config.json": only mean, cls and lasttoken pooling can be converted`);
}

/** A decoder without these files is a model that answers. */
export async function decoderPooling(folder: ModelFolder, architecture: string): Promise<Entry[]> {
  const type = await poolingType(folder);
  return type === undefined ? [] : [u32(`${architecture}.pooling_type`, type)];
}

/** An encoder without these files takes the mean, as sentence-transformers does. */
export async function encoderPooling(folder: ModelFolder, architecture: string): Promise<Entry[]> {
  return [u32(`${architecture}.pooling_type`, (await poolingType(folder)) ?? types.mean)];
}
