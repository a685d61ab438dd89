/** Writes a GGUF model in another quantisation. */
import { accessSync, constants } from "node:fs";
import { Failed, Invalid, messageOf } from "../errors.ts";
import { enums } from "./abi-layouts.ts";
import { type Library, openLibrary } from "./library.ts";

/** llama_ftype by the names that `ollama create --quantize` and the GGUF world use. */
const fileTypes = new Map(
  Object.entries(enums.llama_ftype)
    .map(([name, value]) => [name.replace(/^LLAMA_FTYPE_(?:ALL_|MOSTLY_)?/, ""), value] as const)
    // What needs an importance matrix cannot be made from a model alone; NVFP4 comes from elsewhere only.
    .filter(([name]) => !/^(?:GUESSED|NVFP4|IQ[12]_\w+|IQ3_XX?S|Q2_K_S)$/.test(name)),
);

interface QuantizeOptions {
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
  const ftype = fileTypes.get(options.type.toUpperCase());
  if (ftype === undefined)
    throw new Invalid(`unsupported quantization type ${options.type}: it is one of ${[...fileTypes.keys()].join(", ")}`);
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
