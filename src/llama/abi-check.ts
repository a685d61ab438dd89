/** Start-up checks that the loaded library has the struct layouts this code was made for. A mismatch is one clear error, never a crash. */
import { Failed } from "../errors.ts";
import { defaults, release } from "./abi-layouts.ts";
import type { Llama } from "./functions.ts";

const remedy = "install the llama.cpp build that belongs to this version of puna (puna doctor), or unset PUNA_LLAMA_LIB";

/** Compares version and the defaults of every field: a shifted layout shows in at least one. `file` is named in the error. */
export function checkDefaults(llama: Llama, file: string): void {
  const version = llama.llama_version() ?? "";
  if (!isRelease(version)) {
    throw new Failed(`"${file}" is llama.cpp ${version || "of an unknown version"}, and ${release} is needed: ${remedy}`);
  }
  const differences = [
    ...compare(defaults.llama_model_params, llama.llama_model_default_params()),
    ...compare(defaults.llama_context_params, llama.llama_context_default_params()),
    ...compare(defaults.llama_model_quantize_params, llama.llama_model_quantize_default_params()),
  ];
  if (differences.length > 0) {
    throw new Failed(`"${file}" does not have the struct layouts of llama.cpp ${release} (${differences.join(", ")}): ${remedy}`);
  }
}

/** "0.5.0" and "0.5.0-dev" are the pinned release, "0.5.01" is not. */
export function isRelease(version: string): boolean {
  return version === release || version.startsWith(`${release}-`) || version.startsWith(`${release}+`);
}

/** Names what differs, as `n_ctx is 7, not 512`. */
function compare(wanted: Record<string, unknown>, got: Record<string, unknown>): string[] {
  return Object.entries(wanted)
    .filter(([field, value]) => got[field] !== value)
    .map(([field, value]) => `${field} is ${String(got[field])}, not ${String(value)}`);
}

/** Compares the settings of a new context with what its getters say. */
export function checkContext(wanted: Record<string, number>, got: Record<string, number>): void {
  const differences = compare(wanted, got);
  if (differences.length > 0) {
    throw new Failed(`llama.cpp did not take the context settings as sent (${differences.join(", ")}): ${remedy}`);
  }
}
