/** Makes a model from uploaded GGUF or safetensors files or from another model: `/api/create` without HTTP. Statuses and their order are Ollama's. */
import { Canceled, Failed } from "../errors.ts";
import { adapterLayer, type Base, baseFromFiles, baseFromModel } from "./base-layers.ts";
import { floats } from "./convert/numbers.ts";
import { adapterFromSafetensors, baseFromSafetensors, isSafetensors } from "./converted-layers.ts";
import { type CheckedRequest, type CreateRequest, checkRequest } from "./create-request.ts";
import { configType, encodeManifest, isRecord, layerTypes } from "./manifest.ts";
import { mergeSplits } from "./merge-splits.ts";
import { type Quantize, quantizeBase, quantizeType } from "./quantize-layer.ts";
import type { ModelStore } from "./store.ts";
import type { Layer, ModelConfig } from "./types.ts";

/** One line of the answer. Sizes are bytes. */
export interface CreateProgress {
  status: string;
  digest?: string;
  total?: number;
  completed?: number;
}

export interface CreateOptions {
  /** Throws when a Go template does not parse. Default: every text is accepted. */
  checkTemplate?: (text: string) => void;
  /** How to quantise. Without it, a request that asks for it fails. */
  quantize?: Quantize;
  signal?: AbortSignal;
}

/**
 * Yields what it does, `success` last. A failure before that leaves the model as it was; blobs that were written
 * meanwhile go at the next prune. Throws Invalid, NotFound, Failed or Canceled.
 */
export async function* createModel(
  store: ModelStore,
  request: CreateRequest,
  options: CreateOptions = {},
): AsyncGenerator<CreateProgress> {
  const { signal } = options;
  const stopIfAborted = () => {
    if (signal?.aborted) throw new Canceled();
  };
  const checked = checkRequest(request, options.checkTemplate ?? (() => {}));
  const wantedType = request.quantize ? quantizeType(request.quantize) : undefined;

  let base: Base;
  if (request.from) base = await baseFromModel(store, request.from);
  else if (isSafetensors(checked.files)) {
    // Asked for one of these, nothing is left to quantise.
    const type = floats.find((name) => name === wantedType) ?? "F16";
    base = yield* baseFromSafetensors(store, checked.files, { type, name: request.name.model, signal });
  } else {
    for (const _ of checked.files) yield { status: "parsing GGUF" };
    const { files, created } = await mergeSplits(store, checked.files);
    base = await baseFromFiles(store, files);
    for (const digest of created) base.created.add(digest);
    yield { status: "validating GGUF model" };
  }
  stopIfAborted();
  if (wantedType) yield* quantizeBase(store, base, wantedType, { quantize: options.quantize, signal });
  if (isSafetensors(checked.adapters)) {
    const layer = yield* adapterFromSafetensors(store, base, checked.adapters, signal);
    removeLayers(base.layers, layerTypes.adapter);
    base.layers.push(layer);
  } else {
    for (const adapter of checked.adapters) {
      yield { status: "parsing GGUF" };
      removeLayers(base.layers, layerTypes.adapter);
      base.layers.push(await adapterLayer(store, adapter, base.config.model_family));
    }
  }
  stopIfAborted();

  const { layers, created } = base;
  for (const digest of await addTexts(store, layers, request, checked)) created.add(digest);
  const config = await addLayer(store, configType, JSON.stringify(configBlob(base.config, checked.config)));
  if (config.created) created.add(config.layer.digest);
  for (const { digest } of [...layers, config.layer]) {
    yield { status: `${created.has(digest) ? "creating new" : "using existing"} layer ${digest}` };
  }
  stopIfAborted();
  yield { status: "writing manifest" };
  await store.writeManifest(request.name, encodeManifest(config.layer, layers));
  yield { status: "success" };
}

/** Writes the layers that the request changes, in place of those they replace. Returns the digests of new blobs. */
async function addTexts(
  store: ModelStore,
  layers: Layer[],
  request: CreateRequest,
  checked: CheckedRequest,
): Promise<Set<string>> {
  const created = new Set<string>();
  const add = async (mediaType: string, text: string) => {
    const added = await addLayer(store, mediaType, text);
    if (added.created) created.add(added.layer.digest);
    const isThere = layers.some((layer) => layer.mediaType === mediaType && layer.digest === added.layer.digest);
    if (!isThere) layers.push(added.layer);
  };
  if (request.template) {
    removeLayers(layers, layerTypes.template, layerTypes.prompt);
    await add(layerTypes.template, request.template);
  }
  if (request.system) {
    removeLayers(layers, layerTypes.system);
    await add(layerTypes.system, request.system);
  }
  for (const license of checked.licenses) await add(layerTypes.license, license);
  if (Object.keys(checked.parameters).length > 0) {
    const old = layers.find((layer) => layer.mediaType === layerTypes.params);
    const merged = { ...(old && (await readParameters(store, old))), ...checked.parameters };
    // Sorted, so that equal parameters are one blob; null takes one away.
    const kept = Object.entries(merged)
      .filter(([, value]) => value !== null)
      .sort(([a], [b]) => (a < b ? -1 : 1));
    removeLayers(layers, layerTypes.params);
    await add(layerTypes.params, JSON.stringify(Object.fromEntries(kept)));
  }
  if (request.messages && request.messages.length > 0) {
    removeLayers(layers, layerTypes.messages);
    await add(layerTypes.messages, JSON.stringify(request.messages));
  }
  return created;
}

function removeLayers(layers: Layer[], ...types: string[]): void {
  layers.splice(0, layers.length, ...layers.filter(({ mediaType }) => !types.includes(mediaType)));
}

async function readParameters(store: ModelStore, layer: Layer): Promise<Record<string, unknown>> {
  const bytes = await store.blobs.read(layer.digest);
  try {
    const value: unknown = JSON.parse(bytes.toString("utf8"));
    if (isRecord(value)) return value;
  } catch {}
  throw new Failed(`the parameters of the base model are damaged (${layer.digest}); create it again`);
}

async function addLayer(store: ModelStore, mediaType: string, text: string): Promise<{ layer: Layer; created: boolean }> {
  const { digest, size, created } = await store.blobs.add([Buffer.from(text)]);
  return { layer: { mediaType, digest, size }, created };
}

/** The order of Ollama's own config blobs. The platform is always this one, whatever the machine. */
function configBlob(base: ModelConfig, given: Partial<ModelConfig>): ModelConfig {
  const {
    model_format,
    model_family,
    model_families,
    model_type,
    file_type,
    architecture: _,
    os: __,
    ...rest
  } = { ...base, ...given };
  return { model_format, model_family, model_families, model_type, file_type, ...rest, architecture: "amd64", os: "linux" };
}
