/** Which quantisations of a model fit a machine's memory, and with how large a context. */
import type { Config } from "../config.ts";
import { modelNumber, numberField } from "../models/gguf/fields.ts";
import { fileTypeName } from "../models/gguf/file-types.ts";
import { asQuantized, commonTypes } from "../models/gguf/quantized-size.ts";
import type { GgufHeader } from "../models/gguf/types.ts";
import { estimateMemory, type FitRequest, largestContext, PROCESS_BYTES } from "./memory-fit.ts";

/** One quantisation. Sizes are bytes, contexts tokens. */
interface FitRow {
  quantization: string;
  /** The model is stored in this one. */
  isCurrent: boolean;
  /** From the header of this very model, or by the rule of thumb. */
  weightBytes: number | undefined;
  /** Memory that each of `contexts` takes. */
  needBytes: number[];
  /** The largest context that fits; 0 when none does, undefined when only the number of parameters is known. */
  largestContext: number | undefined;
}

export interface FitTable {
  parameters: number;
  freeBytes: number;
  trainedContext: number | undefined;
  contexts: number[];
  rows: FitRow[];
}

const CONTEXTS = [4096, 16_384, 65_536, 262_144];
/** Bits of a weight, as the rule of thumb counts them. */
const ruleBits: [name: string, bits: number][] = [
  ["F32", 32],
  ["F16", 16],
  ["Q8_0", 8],
  ["Q6_K", 6],
  ["Q5_K_M", 5],
  ["Q4_K_M", 4],
  ["Q3_K_M", 3],
  ["Q2_K", 2],
];

/** Exact for the model as it is, and as llama.cpp would quantise it. */
export function fitModel(header: GgufHeader, config: Pick<Config, "numParallel" | "kvType">, freeBytes: number): FitTable {
  const trained = modelNumber(header, "context_length");
  const contexts = CONTEXTS.filter((size) => trained === undefined || size <= trained);
  if (contexts.length === 0 && trained !== undefined) contexts.push(trained);
  const request = (contextLength: number): FitRequest => ({
    contextLength,
    sequences: config.numParallel ?? 8,
    kvType: config.kvType,
    batch: 512,
    // A model that embeds computes every token's output, others only the last.
    ...(modelNumber(header, "pooling_type") === undefined && { outputs: config.numParallel ?? 8 }),
  });
  const current = currentType(header);
  // What is quantised already can only lose by being quantised again: other types are of the original then, as far as they are smaller.
  const names = commonTypes.some((name) => name === current) ? [...commonTypes] : [current, ...commonTypes];
  const rows = names.map((quantization): FitRow => {
    const isCurrent = quantization === current;
    const as = isCurrent ? header : asQuantized(header, quantization);
    const needs = contexts.map((size) => estimateMemory(as, request(size)));
    return {
      quantization,
      isCurrent,
      weightBytes: as.tensors.reduce((sum, { size }) => sum + size, 0),
      needBytes: needs.map(({ totalBytes }) => totalBytes + PROCESS_BYTES),
      largestContext: largestContext(as, request(trained ?? CONTEXTS.at(-1) ?? 4096), freeBytes),
    };
  });
  return { parameters: header.parameters, freeBytes, trainedContext: trained, contexts, rows };
}

/** By the rule of thumb, when nothing but the number of parameters is known: parameters x 4 bytes / (32 / bits) x 1.2. */
export function fitSize(parameters: number, freeBytes: number): FitTable {
  const rows = ruleBits.map(([quantization, bits]): FitRow => {
    const needBytes = [((parameters * 4) / (32 / bits)) * 1.2];
    return { quantization, isCurrent: false, weightBytes: undefined, needBytes, largestContext: undefined };
  });
  return { parameters, freeBytes, trainedContext: undefined, contexts: [], rows };
}

function currentType(header: GgufHeader): string {
  const fileType = numberField(header, "general.file_type");
  return fileType === 0 ? "F32" : fileTypeName(fileType);
}
