/** Remembers which models kill their runner, so that a client that retries does not restart one for ever. */
import { Failed } from "../errors.ts";

interface Record {
  count: number;
  reason: string;
  retryAt: number;
}

/** Waits before the second, third … child of a model whose children die without having answered anything. */
const BACK_OFF_MS = [0, 500, 2000];
const REFUSE_MS = 60_000;

export class Deaths {
  #records = new Map<string, Record>();
  #now: () => number;

  constructor(now: () => number = Date.now) {
    this.#now = now;
  }

  /** A child died. One that had answered something before starts a new count. */
  record(key: string, reason: string, answered: boolean): void {
    const count = answered ? 1 : (this.#records.get(key)?.count ?? 0) + 1;
    this.#records.set(key, { count, reason, retryAt: this.#now() + (BACK_OFF_MS[count - 1] ?? REFUSE_MS) });
  }

  forget(key: string): void {
    this.#records.delete(key);
  }

  /** Milliseconds to wait before the next child. Throws Failed when the model has used up its chances for now. */
  delay(key: string): number {
    const record = this.#records.get(key);
    if (!record) return 0;
    const waitMs = Math.max(0, record.retryAt - this.#now());
    if (record.count > BACK_OFF_MS.length && waitMs > 0) {
      throw new Failed(
        `the model's runner stopped ${record.count} times in a row; it will be tried again in ${Math.ceil(waitMs / 1000)} s. The last time: ${record.reason}`,
      );
    }
    return waitMs;
  }
}
