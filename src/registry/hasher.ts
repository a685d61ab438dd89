/** sha256 of a file while it is being written: follows the bytes that are there from the beginning, in a thread of its own. */
import { createHash, type Hash } from "node:crypto";
import { closeSync, openSync, readSync } from "node:fs";
import { Worker } from "node:worker_threads";
import { threadFile } from "./thread-file.ts";

/** What is read fits the core's own cache until it is hashed. */
const CHUNK_BYTES = 256 << 10;
/** Below this a thread costs more than it gives. */
const THREAD_FROM_BYTES = 16 << 20;

export interface Hasher {
  /** The bytes up to here will not change any more. */
  advance(end: number): void;
  /** Hex digest of the first `size` bytes. */
  finish(size: number): Promise<string>;
  close(): Promise<void>;
}

/** Hashes a file of this size. A large one is hashed elsewhere: this thread answers requests meanwhile. */
export function openHasher(file: string, size: number): Hasher {
  return size < THREAD_FROM_BYTES ? inline(file) : threaded(file);
}

/** Hashes a file piece by piece. Shared by the thread and by small files. */
export class FileHash {
  readonly #hash: Hash = createHash("sha256");
  readonly #buffer: Buffer = Buffer.allocUnsafe(CHUNK_BYTES);
  readonly #descriptor: number;
  #at = 0;

  constructor(file: string) {
    this.#descriptor = openSync(file, "r");
  }

  /** Takes in the bytes up to `end`. Throws when the file is shorter. */
  advance(end: number): void {
    while (this.#at < end) {
      const read = readSync(this.#descriptor, this.#buffer, 0, Math.min(CHUNK_BYTES, end - this.#at), this.#at);
      if (read === 0) throw new Error(`the file ends at ${this.#at}, before ${end}`);
      this.#hash.update(this.#buffer.subarray(0, read));
      this.#at += read;
    }
  }

  finish(size: number): string {
    this.advance(size);
    return this.#hash.digest("hex");
  }

  close(): void {
    closeSync(this.#descriptor);
  }
}

function inline(file: string): Hasher {
  const hash = new FileHash(file);
  return {
    advance() {},
    async finish(size) {
      return hash.finish(size);
    },
    async close() {
      hash.close();
    },
  };
}

function threaded(file: string): Hasher {
  const worker = new Worker(threadFile("hash-thread"), { workerData: file });
  const result = new Promise<string>((resolve, reject) => {
    worker.once("message", resolve);
    worker.once("error", reject);
    worker.once("exit", () => reject(new Error("the thread that computes the digest ended")));
  });
  result.catch(() => {});
  return {
    advance: (end) => worker.postMessage({ end, last: false }),
    async finish(size) {
      worker.postMessage({ end: size, last: true });
      return await result;
    },
    async close() {
      await worker.terminate();
    },
  };
}
