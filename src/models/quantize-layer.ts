/** Replaces the model layer of a new model by a quantised one. */
import { rm } from "node:fs/promises";
import { Canceled, Failed } from "../errors.ts";
import type { Base } from "./base-layers.ts";
import type { CreateProgress } from "./create.ts";
import { checkLoadable } from "./gguf/check.ts";
import { numberField } from "./gguf/fields.ts";
import { fileTypeName } from "./gguf/file-types.ts";
import { readGguf } from "./gguf/read.ts";
import type { GgufHeader } from "./gguf/types.ts";
import { layerTypes } from "./manifest.ts";
import { progressOf } from "./progress-of.ts";
import type { ModelStore } from "./store.ts";

/** Writes `output` from `input` in another quantisation; `type` is a name such as `Q4_K_M`. Gives what it knows of its progress, 0 to 1. */
export type Quantize = (
  input: string,
  output: string,
  type: string,
  options: { onProgress: (fraction: number) => void; signal: AbortSignal | undefined },
) => Promise<void>;

/** The first ones are Ollama's; llama.cpp makes the others as well. Those that need an importance matrix are left out. */
const types = new Set([
  ...["F32", "F16", "BF16", "Q8_0", "Q4_K_S", "Q4_K_M"],
  ...["Q2_K", "Q3_K_S", "Q3_K_M", "Q3_K_L", "Q4_0", "Q4_1", "Q5_0", "Q5_1", "Q5_K_S", "Q5_K_M", "Q6_K", "IQ4_NL", "IQ4_XS"],
  ...["IQ3_S", "IQ3_M", "TQ1_0", "TQ2_0", "Q1_0", "Q2_0", "MXFP4_MOE"],
]);
const sources = new Set(["F32", "F16", "BF16"]);
/** Ollama's placeholder: the digest of the new blob is not known while it is made. */
const DIGEST = "0000000000000000000";

/** The wanted type by its full name. Throws Failed with Ollama's text. */
export function quantizeType(text: string): string {
  const upper = text.toUpperCase();
  const type = upper === "Q4_K" ? "Q4_K_M" : upper;
  if (types.has(type)) return type;
  throw new Failed(`unsupported quantization type ${upper} - supported types are F32, F16, Q4_K_S, Q4_K_M, Q8_0`);
}

/** Changes `base` in place. Throws Failed when the model is quantised already, or when nothing here can quantise. */
export async function* quantizeBase(
  store: ModelStore,
  base: Base,
  type: string,
  options: { quantize: Quantize | undefined; signal: AbortSignal | undefined },
): AsyncGenerator<CreateProgress> {
  const layer = base.layers.find(({ mediaType }) => mediaType === layerTypes.model);
  if (!layer) throw new Failed("there is no model to quantise");
  const input = await store.blobs.locate(layer.digest);
  const source = sourceType(await store.header(layer.digest));
  if (source === undefined) throw new Failed("quantization is only supported for F16, BF16 and F32 models");
  if (source === type) return;
  const { quantize, signal } = options;
  if (!quantize) throw new Failed("this server cannot quantise models; quantise the GGUF file before creating the model");

  const output = await store.blobs.temporaryPath();
  try {
    const status = `quantizing ${source} model to ${type}`;
    const report = (fraction: number) => ({
      status,
      digest: DIGEST,
      total: layer.size,
      completed: Math.round(fraction * layer.size),
    });
    yield report(0);
    for await (const fraction of progressOf((onProgress) => quantize(input, output, type, { onProgress, signal })))
      yield report(fraction);
    if (signal?.aborted) throw new Canceled();
    yield report(1);
    yield { status: "verifying conversion" };
    const header = await readGguf(output, { maxArray: Number.POSITIVE_INFINITY });
    checkLoadable(header);
    const { digest, size, created } = await store.blobs.adopt(output);
    if (created) base.created.add(digest);
    // What was converted or joined only to be quantised is of no further use.
    if (digest !== layer.digest && base.created.delete(layer.digest)) await store.blobs.remove(layer.digest);
    base.layers[base.layers.indexOf(layer)] = { mediaType: layerTypes.model, digest, size };
    base.config = { ...base.config, file_type: type === "F32" ? "F32" : fileTypeName(numberField(header, "general.file_type")) };
  } finally {
    await rm(output, { force: true });
  }
}

/** F32, F16 or BF16 by what most weights are; undefined when the matrices are quantised. */
function sourceType(header: GgufHeader): string | undefined {
  const matrices = header.tensors.filter((tensor) => tensor.shape.length > 1);
  if (!matrices.every((tensor) => sources.has(tensor.typeName))) return undefined;
  const bytes = (name: string) =>
    matrices.filter((tensor) => tensor.typeName === name).reduce((sum, tensor) => sum + tensor.size, 0);
  return [...sources].sort((a, b) => bytes(b) - bytes(a))[0];
}
