/** Manifests: which blobs make up a model. Bytes are kept as they came, since their digest is the model's id. */
import { createHash } from "node:crypto";
import { Failed } from "../errors.ts";
import { isDigest, parseDigest } from "./digest.ts";
import type { Layer, Manifest } from "./types.ts";

export const manifestType = "application/vnd.docker.distribution.manifest.v2+json";
export const configType = "application/vnd.docker.container.image.v1+json";

const PREFIX = "application/vnd.ollama.image.";
export const layerTypes = {
  model: `${PREFIX}model`,
  projector: `${PREFIX}projector`,
  adapter: `${PREFIX}adapter`,
  template: `${PREFIX}template`,
  /** What templates were called once. */
  prompt: `${PREFIX}prompt`,
  system: `${PREFIX}system`,
  params: `${PREFIX}params`,
  messages: `${PREFIX}messages`,
  license: `${PREFIX}license`,
  /** One of many in a model that is stored as safetensors. */
  tensor: `${PREFIX}tensor`,
} as const;

/** Checks every field that is used. `what` names the manifest in the error. */
export function parseManifest(bytes: Uint8Array, what: string): Manifest {
  return readManifest(
    bytes,
    (problem, cause) => new Failed(`the manifest of ${what} is damaged (${problem}); pull or create the model again`, { cause }),
  );
}

/** Like `parseManifest`; `fault` makes the error from what is wrong. */
export function readManifest(bytes: Uint8Array, fault: (problem: string, cause?: unknown) => Error): Manifest {
  let json: unknown;
  try {
    json = JSON.parse(Buffer.from(bytes).toString("utf8"));
  } catch (error) {
    throw fault("it is not JSON", error);
  }
  if (!isRecord(json)) throw fault("it is not an object");
  const { schemaVersion, mediaType, config, layers } = json;
  if (!Array.isArray(layers)) throw fault("it has no layers");
  return {
    schemaVersion: typeof schemaVersion === "number" ? schemaVersion : 2,
    mediaType: typeof mediaType === "string" ? mediaType : manifestType,
    config: parseLayer(config, "config", fault),
    layers: layers.map((layer, i) => parseLayer(layer, `layer ${i}`, fault)),
  };
}

/** The bytes of a manifest made here: one line of JSON. */
export function encodeManifest(config: Layer, layers: Layer[]): Buffer {
  const manifest: Manifest = { schemaVersion: 2, mediaType: manifestType, config, layers };
  return Buffer.from(`${JSON.stringify(manifest)}\n`);
}

/** Hex sha256 of a manifest's bytes: the id that `list` shows. */
export function manifestDigest(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}

/** Wire digests of everything a manifest refers to. */
export function referencedDigests(manifest: Manifest): string[] {
  return [manifest.config, ...manifest.layers].map((layer) => parseDigest(layer.digest));
}

/** Whether a layer is a model's, and not another image's. */
export function isModelLayer({ mediaType }: Layer): boolean {
  return mediaType.startsWith(PREFIX);
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function parseLayer(value: unknown, what: string, fault: (problem: string) => Error): Layer {
  if (!isRecord(value)) throw fault(`its ${what} is not an object`);
  const { mediaType, digest, size, from, name } = value;
  if (typeof digest !== "string" || !isDigest(digest)) throw fault(`the digest of its ${what} is not a digest`);
  if (typeof size !== "number" || !Number.isSafeInteger(size) || size < 0) throw fault(`the size of its ${what} is not a size`);
  return {
    mediaType: typeof mediaType === "string" ? mediaType : "",
    digest: parseDigest(digest),
    size,
    ...(typeof from === "string" && from !== "" && { from }),
    ...(typeof name === "string" && name !== "" && { name }),
  };
}
