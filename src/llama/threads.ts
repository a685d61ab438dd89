/** A thread pool that lives as long as its contexts. Without one ggml starts and joins threads at every step. */
import koffi from "koffi";
import { Failed } from "../errors.ts";
import type { Pointer } from "./abi.ts";
import { constants } from "./abi-layouts.ts";
import type { Library } from "./library.ts";

export class ThreadPool {
  readonly threads: number;
  readonly #library: Library;
  #pointer: Pointer | undefined;

  /**
   * `poll` is how long idle threads spin before they sleep, 0 (not at all) to 100. Default 50, as in ggml.
   * The functions come from the registry of the loaded CPU backend: each kernel build has its own.
   */
  constructor(library: Library, threads: number, { poll = 50 }: { poll?: number } = {}) {
    if (!Number.isInteger(threads) || threads < 1 || threads > constants.GGML_MAX_N_THREADS)
      throw new Failed(`a thread pool has 1 to ${constants.GGML_MAX_N_THREADS} threads, not ${threads}`);
    this.threads = threads;
    this.#library = library;
    const params = library.base.ggml_threadpool_params_default(threads);
    params.poll = Math.min(Math.max(Math.round(poll), 0), 100);
    const pool = library.cpu.ggml_threadpool_new(params);
    if (!pool) throw new Failed(`a pool of ${threads} threads could not be started`);
    this.#pointer = pool;
  }

  /** Address of the native pool. Throws after `close`. */
  get pointer(): Pointer {
    if (this.#pointer === undefined) throw new Failed("the thread pool is closed");
    return this.#pointer;
  }

  /** Ends the threads. Detach or close the contexts that use the pool first. */
  close(): void {
    if (this.#pointer === undefined) return;
    this.#library.cpu.ggml_threadpool_free(this.#pointer);
    this.#pointer = undefined;
  }

  [Symbol.dispose](): void {
    this.close();
  }
}

/** Address of a typed array in shared memory, which never moves. */
export function sharedAddress(array: Int32Array<SharedArrayBuffer>): Pointer {
  return koffi.address(array);
}
