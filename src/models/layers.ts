/** Reads the layers of a model: where its files are, and its texts. */
import type { Message } from "../chat/types.ts";
import { Failed, messageOf } from "../errors.ts";
import type { Blobs } from "./blobs.ts";
import { capabilitiesOf } from "./capabilities.ts";
import type { GgufHeader } from "./gguf/types.ts";
import { isRecord, layerTypes } from "./manifest.ts";
import { displayName } from "./name.ts";
import type { Layer, Model, StoredModel } from "./types.ts";

const MAX_TEXT = 16 << 20;

/**
 * Resolves every layer of a stored model. Throws Failed when a blob is missing or damaged, Invalid when its GGUF is.
 * `readHeader` gets a blob's digest and path.
 */
export async function readModel(
  stored: StoredModel,
  blobs: Blobs,
  readHeader: (digest: string, path: string) => Promise<GgufHeader>,
): Promise<Model> {
  const name = displayName(stored.name);
  const ofType = (type: string) => stored.manifest.layers.filter((layer) => layer.mediaType === type);
  const text = async (layer: Layer) => (await readLayer(blobs, layer, name)).toString("utf8");
  const texts = async (type: string) => await Promise.all(ofType(type).map(text));
  const files = async (type: string) => await Promise.all(ofType(type).map(async (layer) => await present(blobs, layer, name)));

  const [modelPath] = await files(layerTypes.model);
  const [modelLayer] = ofType(layerTypes.model);
  const isGguf = (stored.config.model_format ?? "gguf") === "gguf" || stored.config.model_format === "";
  const header = modelLayer && modelPath && isGguf ? await readHeader(modelLayer.digest, modelPath) : undefined;
  const projectorPaths = await files(layerTypes.projector);
  const projectors = await Promise.all(
    ofType(layerTypes.projector).map(async (layer) => await readHeader(layer.digest, await present(blobs, layer, name))),
  );
  const template = (await texts(layerTypes.template)).at(-1) ?? (await texts(layerTypes.prompt)).at(-1);
  return {
    ...stored,
    modelPath,
    adapterPaths: await files(layerTypes.adapter),
    projectorPaths,
    template,
    system: (await texts(layerTypes.system)).at(-1),
    parameters: Object.assign({}, ...(await texts(layerTypes.params)).map((json) => parseParameters(json, name))),
    messages: (await texts(layerTypes.messages)).flatMap((json) => parseMessages(json, name)),
    licenses: await texts(layerTypes.license),
    header,
    capabilities: capabilitiesOf({ config: stored.config, header, projectors, template }),
  };
}

async function present(blobs: Blobs, layer: Layer, name: string): Promise<string> {
  try {
    return await blobs.locate(layer.digest);
  } catch (error) {
    throw new Failed(`model '${name}' is incomplete: ${messageOf(error)}`, { cause: error });
  }
}

async function readLayer(blobs: Blobs, layer: Layer, name: string): Promise<Buffer> {
  await present(blobs, layer, name);
  return await blobs.read(layer.digest, MAX_TEXT);
}

function parseParameters(json: string, name: string): Record<string, unknown> {
  const value = parseJson(json, name, "parameters");
  if (isRecord(value)) return value;
  throw new Failed(`the parameters of model '${name}' are damaged: not an object; create it again`);
}

function parseMessages(json: string, name: string): Message[] {
  const value = parseJson(json, name, "messages");
  if (!Array.isArray(value)) throw new Failed(`the messages of model '${name}' are damaged: not an array; create it again`);
  return value.filter(isRecord).map((message) => ({
    ...message,
    role: String(message.role ?? ""),
    content: String(message.content ?? ""),
  }));
}

function parseJson(text: string, name: string, what: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new Failed(`the ${what} of model '${name}' are damaged: ${messageOf(error)}; create it again`, { cause: error });
  }
}
