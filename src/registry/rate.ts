/** A limit on bytes a second that all transfers share. */
import { setTimeout as sleep } from "node:timers/promises";

/** Makes who takes too much wait. Without a limit it costs nothing. */
export class RateLimit {
  readonly #bytesPerSecond: number;
  readonly #now: () => number;
  readonly #wait: (ms: number, signal: AbortSignal) => Promise<unknown>;
  /** When everything taken so far has been paid for. */
  #paidAt = Number.NEGATIVE_INFINITY;

  constructor(
    bytesPerSecond: number | undefined,
    {
      now = () => performance.now(),
      wait = (ms: number, signal: AbortSignal): Promise<unknown> => sleep(ms, undefined, { signal }),
    } = {},
  ) {
    this.#bytesPerSecond = bytesPerSecond ?? Number.POSITIVE_INFINITY;
    this.#now = now;
    this.#wait = wait;
  }

  /** Whether there is one at all: nobody need wait for what there is not. */
  get isSet(): boolean {
    return this.#bytesPerSecond !== Number.POSITIVE_INFINITY;
  }

  /** Resolves when these bytes are paid for. Rejects when the signal fires. */
  async take(bytes: number, signal: AbortSignal): Promise<void> {
    if (!this.isSet) return;
    const now = this.#now();
    // A tenth of a second may be saved up: an idle connection does not earn a burst.
    this.#paidAt = Math.max(this.#paidAt, now - 100) + (bytes / this.#bytesPerSecond) * 1000;
    if (this.#paidAt > now) await this.#wait(this.#paidAt - now, signal);
  }
}
