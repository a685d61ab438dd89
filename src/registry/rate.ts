/** A limit on bytes a second that all transfers share, in whichever thread they run. */
import { setTimeout as sleep } from "node:timers/promises";

/** What a limit in another thread needs to be the same limit. */
export interface SharedRate {
  bytesPerSecond: number | undefined;
  /** When everything taken so far has been paid for, in microseconds of the system's steady clock. */
  paidAt: SharedArrayBuffer;
}

/** Makes who takes too much wait. Without a limit it costs nothing. */
export class RateLimit {
  readonly shared: SharedRate;
  readonly #bytesPerSecond: number;
  readonly #paidAt: BigInt64Array;
  readonly #now: () => number;
  readonly #wait: (ms: number, signal: AbortSignal) => Promise<unknown>;

  constructor(
    shared: Pick<SharedRate, "bytesPerSecond"> & Partial<SharedRate>,
    {
      // Unlike performance.now, this clock is one for all threads.
      now = () => Number(process.hrtime.bigint() / 1000n) / 1000,
      wait = (ms: number, signal: AbortSignal): Promise<unknown> => sleep(ms, undefined, { signal }),
    } = {},
  ) {
    const { bytesPerSecond, paidAt = new SharedArrayBuffer(8) } = shared;
    this.shared = { bytesPerSecond, paidAt };
    this.#bytesPerSecond = bytesPerSecond ?? Number.POSITIVE_INFINITY;
    this.#paidAt = new BigInt64Array(paidAt);
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
    const paidAt = this.#pay((bytes / this.#bytesPerSecond) * 1000, now);
    if (paidAt > now) await this.#wait(paidAt - now, signal);
  }

  /** Adds to what is owed; other threads may do so at the same moment. Milliseconds. */
  #pay(ms: number, now: number): number {
    for (;;) {
      const before = Atomics.load(this.#paidAt, 0);
      // A tenth of a second may be saved up: an idle connection does not earn a burst.
      const after = Math.max(Number(before) / 1000, now - 100) + ms;
      if (Atomics.compareExchange(this.#paidAt, 0, before, BigInt(Math.round(after * 1000))) === before) return after;
    }
  }
}
