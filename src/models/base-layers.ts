/** The layers a new model starts from: those of another model, or uploaded GGUF files. */
import { Invalid, NotFound, PunaError } from "../errors.ts";
import type { NamedBlob } from "./create-request.ts";
import { checkLoadable } from "./gguf/check.ts";
import { numberField, textField } from "./gguf/fields.ts";
import { fileTypeName } from "./gguf/file-types.ts";
import { readGguf } from "./gguf/read.ts";
import type { GgufHeader } from "./gguf/types.ts";
import { layerTypes } from "./manifest.ts";
import { displayName, parseName } from "./name.ts";
import type { ModelStore } from "./store.ts";
import type { Layer, ModelConfig } from "./types.ts";
import { locateUpload, namingUpload } from "./uploaded.ts";

export interface Base {
  layers: Layer[];
  config: ModelConfig;
  /** Digests of blobs that were made for this model. */
  created: Set<string>;
}

/** All layers of a model in the store, each marked with where it came from. Throws NotFound. */
export async function baseFromModel(store: ModelStore, from: string): Promise<Base> {
  const name = parseName(from);
  if (!name) throw new Invalid("invalid model name");
  const found = await store.find(name);
  if (!found) throw new NotFound(`model '${from}' not found; create or pull it first`);
  const stored = await store.read(found);
  for (const { digest } of stored.manifest.layers) await locateUpload(store, { digest, name: displayName(found) });
  const layers = stored.manifest.layers.map((layer) => ({ ...layer, from: layer.from ?? displayName(found) }));
  return { layers, config: stored.config, created: new Set() };
}

/** Layers of GGUF files: exactly one model, and its projector if it has one. Throws Invalid naming the file. */
export async function baseFromFiles(store: ModelStore, files: NamedBlob[]): Promise<Base> {
  const layers: Layer[] = [];
  let model: GgufHeader | undefined;
  const families: string[] = [];
  for (const file of files) {
    const header = await readUpload(store, file);
    const mediaType = kindOf(header);
    if (mediaType === layerTypes.adapter) throw new Invalid(`"${file.name}" is an adapter; name it with ADAPTER`);
    if (mediaType === layerTypes.model) {
      if (model) throw new Invalid(`"${file.name}" is a second model: a model is made from one GGUF file and its projector`);
      checkUpload(header, file);
      model = header;
      families.unshift(header.architecture);
    } else families.push(header.architecture);
    layers.push({ mediaType, digest: file.digest, size: header.fileSize });
  }
  if (!model) throw new Invalid("no files provided to convert: there is a projector and no model");
  return { layers, config: { ...configOf(model), model_families: [...new Set(families)] }, created: new Set() };
}

/** The layer of an uploaded adapter. Throws Invalid when it is none, or one for another architecture. */
export async function adapterLayer(store: ModelStore, file: NamedBlob, family: string | undefined): Promise<Layer> {
  const header = await readUpload(store, file);
  if (kindOf(header) !== layerTypes.adapter)
    throw new Invalid(`"${file.name}" is not an adapter (general.type is not "adapter")`);
  if (family && header.architecture && header.architecture !== family) {
    throw new Invalid(`the adapter "${file.name}" is for ${header.architecture} models, not for ${family}`);
  }
  return { mediaType: layerTypes.adapter, digest: file.digest, size: header.fileSize };
}

/** What a header says about its model, as the config blob has it. */
export function configOf(header: GgufHeader): ModelConfig {
  return {
    model_format: "gguf",
    model_family: header.architecture,
    model_families: [header.architecture],
    model_type: formatCount(header.parameters),
    file_type: fileTypeName(numberField(header, "general.file_type")),
  };
}

/** A number of parameters as Ollama shows it: `8B`, `1.2B`, `494.03M`, `260K`. */
function formatCount(count: number): string {
  const billions = count / 1e9;
  if (count >= 1e9) return `${Number.isInteger(billions) ? billions : billions.toFixed(1)}B`;
  if (count >= 1e6) return `${(count / 1e6).toFixed(2)}M`;
  return count >= 1e3 ? `${(count / 1e3).toFixed(0)}K` : String(count);
}

async function readUpload(store: ModelStore, file: NamedBlob): Promise<GgufHeader> {
  const path = await locateUpload(store, file);
  try {
    return await readGguf(path, { maxArray: Number.POSITIVE_INFINITY });
  } catch (error) {
    throw renamed(error, file);
  }
}

/** The blob's file name tells a user nothing; the name they gave does. */
function renamed(error: unknown, file: NamedBlob): unknown {
  if (!(error instanceof PunaError)) return error;
  if (error.code !== "not_gguf") return namingUpload(error, new Map([[file.digest, file.name]]));
  if (/\.gguf$/i.test(file.name)) return new Invalid("supplied file was not in GGUF format", { cause: error });
  if (/\.(safetensors|bin|pth|json|model)$/i.test(file.name)) {
    return new Invalid(
      `"${file.name}" cannot be converted by itself; give the whole folder with its safetensors files, or convert the model to GGUF first`,
      { cause: error },
    );
  }
  return new Invalid(`unknown type: "${file.name}" is not a GGUF file`, { cause: error });
}

function checkUpload(header: GgufHeader, file: NamedBlob): void {
  try {
    checkLoadable(header);
  } catch (error) {
    throw renamed(error, file);
  }
}

function kindOf(header: GgufHeader): string {
  const type = textField(header, "general.type");
  if (type === "adapter") return layerTypes.adapter;
  const isProjector = type === "mmproj" || type === "projector" || header.architecture === "clip";
  return isProjector ? layerTypes.projector : layerTypes.model;
}
