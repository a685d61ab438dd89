/** Downloads that are under way. Who asks for a blob that is being fetched joins in; when the last one leaves, it stops. */
import { Canceled } from "../errors.ts";
import type { Blobs } from "../models/blobs.ts";
import type { DownloadSettings } from "./download.ts";
import type { BlobSource } from "./source.ts";
import { downloadAnywhere } from "./threaded-download.ts";

export class Transfers {
  readonly #blobs: Blobs;
  readonly #settings: DownloadSettings;
  readonly #running = new Map<string, Transfer>();

  constructor(blobs: Blobs, settings: DownloadSettings) {
    this.#blobs = blobs;
    this.#settings = settings;
  }

  /**
   * Fetches the blob, alone or together with others, and yields the completed bytes whenever they have changed, at most every
   * `everyMs`. Throws what the download throws, or Canceled when the signal fires.
   */
  async *fetch(source: BlobSource, { everyMs, signal }: { everyMs: number; signal: AbortSignal }): AsyncGenerator<number> {
    const transfer = await this.#join(source, signal);
    try {
      for (let shown = -1; !transfer.ended; ) {
        if (transfer.completed !== shown) {
          shown = transfer.completed;
          yield shown;
        }
        await transfer.endOr(everyMs, signal);
        if (signal.aborted) throw new Canceled();
      }
      await transfer.done;
    } finally {
      await this.#leave(transfer);
    }
  }

  async #join(source: BlobSource, signal: AbortSignal): Promise<Transfer> {
    const { digest } = source;
    // One that everybody has left is still putting its things away.
    for (let old = this.#running.get(digest); old?.users === 0; old = this.#running.get(digest)) await old.settled;
    if (signal.aborted) throw new Canceled();
    const known = this.#running.get(digest);
    if (known) {
      known.users++;
      return known;
    }
    const transfer = new Transfer(digest, (onProgress, abort) =>
      downloadAnywhere(source, { blobs: this.#blobs, settings: this.#settings, onProgress, signal: abort }),
    );
    this.#running.set(digest, transfer);
    void transfer.settled.then(() => {
      if (this.#running.get(digest) === transfer) this.#running.delete(digest);
    });
    return transfer;
  }

  async #leave(transfer: Transfer): Promise<void> {
    if (--transfer.users > 0) return;
    transfer.stop();
    await transfer.settled;
  }
}

type Work = (onProgress: (completed: number) => void, signal: AbortSignal) => Promise<void>;

class Transfer {
  readonly digest: string;
  readonly done: Promise<void>;
  /** Resolves at the end, good or bad. */
  readonly settled: Promise<void>;
  completed = 0;
  ended = false;
  users = 1;
  readonly #abort = new AbortController();

  constructor(digest: string, work: Work) {
    this.digest = digest;
    this.done = work((completed) => {
      this.completed = completed;
    }, this.#abort.signal);
    this.settled = this.done
      .catch(() => {})
      .then(() => {
        this.ended = true;
      });
  }

  stop(): void {
    this.#abort.abort();
  }

  /** Resolves at the end, after the time, or when the signal fires, whichever comes first. */
  async endOr(ms: number, signal: AbortSignal): Promise<void> {
    let wake = () => {};
    const waited = new Promise<void>((resolve) => {
      wake = resolve;
    });
    const timer = setTimeout(wake, ms);
    signal.addEventListener("abort", wake, { once: true });
    await Promise.race([waited, this.settled]);
    clearTimeout(timer);
    signal.removeEventListener("abort", wake);
  }
}
