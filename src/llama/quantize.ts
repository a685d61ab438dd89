/** Writes a GGUF model in another quantisation. */
import { accessSync, constants } from "node:fs";
import { Failed, Invalid, messageOf } from "../errors.ts";
import { type Library, openLibrary } from "./library.ts";

/** llama_ftype by the names that `ollama create --quantize` and the GGUF world use. */
const fileTypes = {
  F32: 0,
  F16: 1,
  Q4_0: 2,
  Q4_1: 3,
  Q8_0: 7,
  Q5_0: 8,
  Q5_1: 9,
  Q2_K: 10,
  Q3_K_S: 11,
  Q3_K_M: 12,
  Q3_K_L: 13,
  Q4_K_S: 14,
  Q4_K_M: 15,
  Q5_K_S: 16,
  Q5_K_M: 17,
  Q6_K: 18,
  IQ4_NL: 25,
  IQ4_XS: 30,
  BF16: 32,
  TQ1_0: 36,
  TQ2_0: 37,
  MXFP4_MOE: 38,
} as const;
export const quantizeTypes = Object.keys(fileTypes);

export interface QuantizeOptions {
  /** Such as "Q4_K_M"; case does not matter. */
  type: string;
  /** Default 1; 0 is one per core. */
  threads?: number;
  /** Start from weights that are already quantised. Costs quality. */
  allowRequantize?: boolean;
  /** Leave output.weight as it is. */
  keepOutput?: boolean;
  /** Every tensor in the named type, none in a better one. */
  pure?: boolean;
  library?: Library;
}

/** Quantises `input` into `output`. Throws `Invalid` for an unknown type, `Failed` with llama.cpp's reason. Blocks until done. */
export function quantize(input: string, output: string, options: QuantizeOptions): void {
  const ftype = Object.entries(fileTypes).find(([name]) => name === options.type.toUpperCase())?.[1];
  if (ftype === undefined)
    throw new Invalid(`unsupported quantization type ${options.type}: it is one of ${quantizeTypes.join(", ")}`);
  try {
    accessSync(input, constants.R_OK);
  } catch (error) {
    throw new Failed(`model file "${input}" cannot be read: ${messageOf(error)}`, { cause: error });
  }
  const library = options.library ?? openLibrary();
  const params = library.llama.llama_model_quantize_default_params();
  params.ftype = ftype;
  params.nthread = options.threads ?? 1;
  params.allow_requantize = options.allowRequantize ?? false;
  params.quantize_output_tensor = !options.keepOutput;
  params.pure = options.pure ?? false;
  const { result, reason } = library.hear(() => library.llama.llama_model_quantize(input, output, params));
  if (result !== 0)
    throw new Failed(`model file "${input}" could not be quantised to ${options.type}: ${reason || "llama.cpp gave no reason"}`);
}
