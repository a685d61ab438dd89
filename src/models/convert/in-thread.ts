/** Converts in a thread of its own: the server answers meanwhile. */
import { rm } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { Worker } from "node:worker_threads";
import { Canceled, Failed, PunaError } from "../../errors.ts";
import type { AdapterJob } from "./adapter.ts";
import type { ConvertJob } from "./convert.ts";

export type Job = ConvertJob | AdapterJob;
export type Report = { done: number; total: number } | { end: true } | { fault: string; status: number };

export interface ConvertOptions {
  /** Gets 0 to 1. */
  onProgress: (fraction: number) => void;
  signal: AbortSignal | undefined;
}

/** A tokenizer of 35 MB takes a few hundred MB while it is read; more than this is none. */
const HEAP_MB = 2048;

/** Resolves when the output is written. Rejects with the reason, or Canceled; then there is no output. */
export async function convert(job: Job, { onProgress, signal }: ConvertOptions): Promise<void> {
  if (signal?.aborted) throw new Canceled();
  const worker = new Worker(entry(), { workerData: job, resourceLimits: { maxOldGenerationSizeMb: HEAP_MB } });
  const stop = () => void worker.terminate();
  signal?.addEventListener("abort", stop, { once: true });
  try {
    await new Promise<void>((resolve, reject) => {
      worker.on("message", (report: Report) => {
        if ("end" in report) resolve();
        else if ("fault" in report) reject(new PunaError(report.status, report.fault));
        else onProgress(report.total === 0 ? 1 : report.done / report.total);
      });
      worker.on("error", (error) => reject(new Failed(`the conversion stopped: ${error.message}`, { cause: error })));
      worker.on("exit", () => reject(signal?.aborted ? new Canceled() : new Failed("the conversion stopped by itself")));
    });
  } catch (error) {
    await worker.terminate();
    await rm(job.output, { force: true });
    throw signal?.aborted ? new Canceled() : error;
  } finally {
    signal?.removeEventListener("abort", stop);
  }
}

/** Compiled, since Node 20 runs no TypeScript; from the sources (in tests) the build's own is taken. */
function entry(): string {
  const relative = import.meta.url.endsWith(".ts") ? "../../../dist/models/convert/thread.js" : "./thread.js";
  return fileURLToPath(new URL(relative, import.meta.url));
}
