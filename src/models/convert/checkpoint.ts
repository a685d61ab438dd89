/** All tensors of a model, from one safetensors file or from the shards that an index names. */
import { Invalid } from "../../errors.ts";
import { isRecord } from "../manifest.ts";
import type { ModelFolder } from "./folder.ts";
import { readSafetensors, type SourceTensor } from "./safetensors.ts";

const INDEX = "model.safetensors.index.json";
const MAX_SHARDS = 4096;

/** Tensors by name. Throws Invalid for a missing shard, a missing tensor, or one that is there twice. */
export async function readCheckpoint(folder: ModelFolder): Promise<Map<string, SourceTensor>> {
  const index = await folder.json(INDEX);
  const names = index ? shardsOf(index, folder) : filesOf(folder);
  const tensors = new Map<string, SourceTensor>();
  const shardOf = new Map<string, string>();
  for (const name of names) {
    for (const tensor of await readSafetensors(folder.path(name) ?? "", name)) {
      const other = shardOf.get(tensor.name);
      if (other) throw new Invalid(`tensor "${tensor.name}" is in "${other}" and in "${name}"`);
      tensors.set(tensor.name, tensor);
      shardOf.set(tensor.name, name);
    }
  }
  if (index) checkIndex(index, shardOf);
  if (tensors.size === 0) throw new Invalid("the safetensors files hold no tensors");
  return tensors;
}

/** Shards by the index. It can only name files that were given: nothing else is looked up. */
function shardsOf(index: Record<string, unknown>, folder: ModelFolder): string[] {
  const map = index.weight_map;
  if (!isRecord(map)) throw new Invalid(`"${INDEX}" has no weight_map`);
  const names = [...new Set(Object.values(map))];
  if (names.length > MAX_SHARDS) throw new Invalid(`"${INDEX}" names ${names.length} files`);
  return names.map((name) => {
    if (typeof name !== "string" || name.includes("/") || name.includes("\\") || !name.endsWith(".safetensors")) {
      throw new Invalid(`"${INDEX}" names ${JSON.stringify(name)}, which is no safetensors file beside it`);
    }
    if (!folder.path(name)) throw new Invalid(`"${INDEX}" names "${name}", which is not there; download the whole model`);
    return name;
  });
}

function checkIndex(index: Record<string, unknown>, shardOf: Map<string, string>): void {
  for (const [tensor, shard] of Object.entries(index.weight_map as Record<string, string>)) {
    if (shardOf.get(tensor) !== shard) throw new Invalid(`tensor "${tensor}" is not in "${shard}", where "${INDEX}" says it is`);
  }
}

/** Those in the folder itself: in deeper ones are other things, such as the dense layers of embedding models. */
function filesOf(folder: ModelFolder): string[] {
  const names = folder.files.map(({ name }) => name).filter((name) => /^[^/]+\.safetensors$/.test(name));
  const chosen = names.some((name) => name.startsWith("model")) ? names.filter((name) => name.startsWith("model")) : names;
  for (const name of chosen) checkComplete(name, chosen);
  return chosen.sort();
}

function checkComplete(name: string, names: string[]): void {
  const [, stem, , count] = /^(.*)-(\d{5})-of-(\d{5})\.safetensors$/.exec(name) ?? [];
  if (stem === undefined || count === undefined) return;
  if (Number(count) > MAX_SHARDS) throw new Invalid(`"${name}" is one of ${Number(count)} files, more than ${MAX_SHARDS}`);
  for (let no = 1; no <= Number(count); no++) {
    const wanted = `${stem}-${String(no).padStart(5, "0")}-of-${count}.safetensors`;
    if (!names.includes(wanted)) throw new Invalid(`"${wanted}" is missing; download the whole model`);
  }
}
