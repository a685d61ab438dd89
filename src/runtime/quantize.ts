/** Quantises a model file in a process of its own: native code never runs inside the server. */
import { spawn } from "node:child_process";
import { stat } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import type { Config } from "../config.ts";
import { Canceled, Failed, PunaError } from "../errors.ts";
import { defaultThreads } from "./threads.ts";

const LOOK_MS = 250;

/** A function for `createModel`. Rejects with what the process said, or with Canceled once the signal fires. */
export function quantizer(config: Config) {
  return async (
    input: string,
    output: string,
    type: string,
    { onProgress, signal }: { onProgress: (fraction: number) => void; signal: AbortSignal | undefined },
  ): Promise<void> => {
    if (signal?.aborted) throw new Canceled();
    const threads = String(config.threads ?? defaultThreads());
    const child = spawn(process.execPath, ["--no-warnings", entry(), input, output, type, threads], {
      stdio: ["ignore", "pipe", "pipe"],
      env: { ...process.env, ...(config.llamaLibrary !== undefined && { PUNA_LLAMA_LIB: config.llamaLibrary }) },
      windowsHide: true,
    });
    const kill = () => child.kill("SIGKILL");
    signal?.addEventListener("abort", kill, { once: true });
    const total = (await stat(input)).size * shrinks(type);
    // llama.cpp reports no progress; how much it has written tells.
    const timer = setInterval(() => {
      void stat(output).then(
        ({ size }) => onProgress(Math.min(0.99, size / total)),
        () => {},
      );
    }, LOOK_MS);
    try {
      const said = { stdout: "", stderr: "" };
      child.stdout.setEncoding("utf8").on("data", (text: string) => {
        said.stdout += text;
      });
      child.stderr.setEncoding("utf8").on("data", (text: string) => {
        said.stderr = (said.stderr + text).slice(-2000);
      });
      const end = await new Promise<string>((resolve, reject) => {
        child.on("error", reject);
        child.on("close", (code, killed) => resolve(killed ? `signal: ${killed}` : `exit status ${code}`));
      });
      if (signal?.aborted) throw new Canceled();
      if (end !== "exit status 0") throw faultOf(said, end);
    } finally {
      clearInterval(timer);
      signal?.removeEventListener("abort", kill);
    }
  };
}

/** Rough size of the result against a source of 16 bits a weight. */
function shrinks(type: string): number {
  const bits = /^(?:IQ|Q)(\d)/.exec(type)?.[1];
  if (bits) return (Number(bits) + 0.7) / 16;
  return type === "F32" ? 2 : 1;
}

function faultOf({ stdout, stderr }: { stdout: string; stderr: string }, end: string): PunaError {
  try {
    const { message, status } = JSON.parse(stdout) as { message: string; status: number };
    return new PunaError(status, message);
  } catch {
    return new Failed(`quantising stopped (${end}): ${stderr.trim().split("\n").at(-1) ?? ""}`);
  }
}

function entry(): string {
  const relative = import.meta.url.endsWith(".ts") ? "../../dist/engine/quantize-child.js" : "../engine/quantize-child.js";
  return fileURLToPath(new URL(relative, import.meta.url));
}
