/** The builds of llama.cpp, asked of a child process: native code that cannot be loaded must not take the doctor with it. */
import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { messageOf } from "../../errors.ts";

export interface KernelReport {
  packages: { name: string; variant: string; installed: boolean; install: string }[];
  library?: { version: string; directory: string; variant: string; kernelBuild: string; gpus: string[]; cpuBuilds: string[] };
  error?: string;
}

const ENTRY = fileURLToPath(
  new URL(import.meta.url.endsWith(".ts") ? "../../../dist/llama/describe.js" : "../../llama/describe.js", import.meta.url),
);
const TIMEOUT_MS = 60_000;

/** Never rejects: what went wrong is in `error`. */
export async function examineKernels(folder: string | undefined): Promise<KernelReport> {
  try {
    const { stdout } = await promisify(execFile)(process.execPath, [ENTRY, folder ?? ""], { timeout: TIMEOUT_MS });
    const report: KernelReport = JSON.parse(stdout);
    return report;
  } catch (error) {
    const signal = error instanceof Error && "signal" in error && error.signal ? ` (ended by ${error.signal})` : "";
    return { packages: [], error: `the libraries of llama.cpp could not be loaded${signal}: ${messageOf(error).split("\n")[0]}` };
  }
}

/** What a CPU must have for each kernel build, in the names of /proc/cpuinfo. The list grows from old to new. */
const AVX2 = ["avx", "f16c", "fma", "avx2", "bmi2"];
const AVX512 = [...AVX2, "avx512f", "avx512cd", "avx512vl", "avx512dq", "avx512bw"];
const NEEDS: Record<string, string[]> = {
  x64: [],
  sse42: ["sse4_2"],
  sandybridge: ["sse4_2", "avx"],
  ivybridge: ["avx", "f16c"],
  piledriver: ["avx", "f16c", "fma"],
  haswell: AVX2,
  skylakex: AVX512,
  cannonlake: [...AVX512, "avx512vbmi"],
  cascadelake: [...AVX512, "avx512_vnni"],
  icelake: [...AVX512, "avx512vbmi", "avx512_vnni"],
  cooperlake: [...AVX512, "avx512_vnni", "avx512_bf16"],
  zen4: [...AVX512, "avx512vbmi", "avx512_vnni", "avx512_bf16"],
  alderlake: [...AVX2, "avx_vnni"],
  sapphirerapids: [...AVX512, "avx512vbmi", "avx512_vnni", "avx512_bf16", "amx_tile", "amx_int8"],
};

/** `libggml-cpu-icelake.so` is `icelake`. */
export function kernelName(file: string): string {
  return /ggml-cpu-([^.]+)/.exec(file)?.[1] ?? file;
}

/** Why a build is not in use: what this CPU lacks, or that another suits it better. Undefined for a build we know nothing of. */
export function whyNot(file: string, flags: ReadonlySet<string>): string | undefined {
  const needs = NEEDS[kernelName(file)];
  if (!needs || flags.size === 0) return undefined;
  const missing = needs.filter((flag) => !flags.has(flag));
  return missing.length > 0 ? `this CPU lacks ${missing.join(", ")}` : "the one in use is faster here";
}
