/**
 * A large download in a thread of its own. Every piece that comes is memory outside V8's heap, which makes V8 collect its garbage
 * some fifty times a gigabyte: there the heap is small, and nobody's tokens wait for it.
 */
import path from "node:path";
import { Worker } from "node:worker_threads";
import { Canceled, PunaError } from "../errors.ts";
import { type DownloadOptions, type DownloadSettings, download } from "./download.ts";
import type { SharedRate } from "./rate.ts";
import type { Session } from "./session.ts";
import type { BlobSource } from "./source.ts";
import { threadFile } from "./thread-file.ts";

/** Below this a thread costs more than it gives. */
const THREAD_FROM_BYTES = 16 << 20;

/** What the thread is told. */
export interface Work {
  /** The store's folder. */
  root: string;
  url: string;
  digest: string;
  sizeBytes: number;
  session: Session["settings"];
  settings: Omit<DownloadSettings, "limit"> & { limit: SharedRate };
}

/** What it says. */
export type FromThread =
  | { completed: number }
  | { done: true }
  | { failed: { status: number; message: string } }
  | { fault: string };

/** As `download`: here when the blob is small, in a thread when it is large. */
export async function downloadAnywhere(source: BlobSource, options: DownloadOptions): Promise<void> {
  if (source.sizeBytes < THREAD_FROM_BYTES) return await download(source, options);
  const { blobs, settings, onProgress, signal } = options;
  const { url, digest, sizeBytes, session } = source;
  const limit = settings.limit.shared;
  const work: Work = {
    root: path.dirname(blobs.folder),
    url: url.href,
    digest,
    sizeBytes,
    session: session.settings,
    settings: { ...settings, limit },
  };
  const worker = new Worker(threadFile("download-thread"), { workerData: work });
  const stop = () => worker.postMessage("stop");
  signal.addEventListener("abort", stop);
  try {
    if (signal.aborted) stop();
    await new Promise<void>((resolve, reject) => {
      worker.on("message", (message: FromThread) => {
        if ("completed" in message) onProgress(message.completed);
        else if ("done" in message) resolve();
        else if ("fault" in message) reject(new Error(message.fault));
        else
          reject(message.failed.status === 499 ? new Canceled() : new PunaError(message.failed.status, message.failed.message));
      });
      worker.once("error", reject);
      worker.once("exit", () => reject(new Error("the thread of a download ended without a word")));
    });
  } finally {
    signal.removeEventListener("abort", stop);
  }
}
