/** The builds of llama.cpp, asked of a child process: native code that cannot be loaded must not take the doctor with it. */
import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { messageOf } from "../../errors.ts";

export interface KernelReport {
  /** The build in use; absent when none could be opened. */
  library?: { version: string; directory: string; variant: string; kernelBuild: string; gpus: string[] };
  builds: {
    name: string;
    variant: string;
    state: "in use" | "installed" | "missing" | "unusable";
    note: string;
    /** The command that installs a missing one. */
    install?: string;
    /** ggml's rating on this CPU: 0 cannot run here. */
    kernels: { file: string; score?: number; inUse: boolean }[];
  }[];
  error?: string;
  /** PUNA_LLAMA_LIB, where it is set. */
  ownFolder?: string | undefined;
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
    return { ...report, ownFolder: folder };
  } catch (error) {
    const signal = error instanceof Error && "signal" in error && error.signal ? ` (ended by ${error.signal})` : "";
    return {
      builds: [],
      ownFolder: folder,
      error: `the libraries of llama.cpp could not be loaded${signal}: ${messageOf(error).split("\n")[0]}`,
    };
  }
}

/** `libggml-cpu-icelake.so` is `icelake`. */
export function kernelName(file: string): string {
  return /ggml-cpu-([^.]+)/.exec(file)?.[1] ?? file;
}
