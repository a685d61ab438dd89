/** The requests that wait for a model, in the order they came. */
import { Canceled } from "../errors.ts";
import type { AcquireRequest, Lease } from "./types.ts";

/** What decides whether a loaded model can serve a request. */
export interface Want {
  /** After clamping. */
  readonly numCtx: number;
  /** Nobody asked for this size: a smaller one will do. */
  readonly isAutomatic: boolean;
  readonly structure: string;
}

export interface Waiter extends Want {
  readonly request: AcquireRequest;
  readonly since: bigint;
  resolve(lease: Lease): void;
  reject(error: unknown): void;
}

/** First in, first out; a request whose client left is taken out at once and rejected with Canceled. */
export class WaitingList {
  #waiters: Waiter[] = [];
  #onLeave: () => void;

  constructor(onLeave: () => void) {
    this.#onLeave = onLeave;
  }

  get size(): number {
    return this.#waiters.length;
  }

  get first(): Waiter | undefined {
    return this.#waiters[0];
  }

  get all(): readonly Waiter[] {
    return this.#waiters;
  }

  add(request: AcquireRequest, want: Want): Promise<Lease> {
    return new Promise((resolve, reject) => {
      const leave = () => {
        this.#waiters = this.#waiters.filter((other) => other !== waiter);
        reject(new Canceled());
        this.#onLeave();
      };
      const settle = () => request.signal.removeEventListener("abort", leave);
      const waiter: Waiter = {
        ...want,
        request,
        since: process.hrtime.bigint(),
        resolve: (lease) => {
          settle();
          resolve(lease);
        },
        reject: (error) => {
          settle();
          reject(error);
        },
      };
      this.#waiters.push(waiter);
      request.signal.addEventListener("abort", leave, { once: true });
    });
  }

  shift(): Waiter | undefined {
    return this.#waiters.shift();
  }

  rejectAll(error: unknown): void {
    for (const waiter of this.#waiters.splice(0)) waiter.reject(error);
  }
}
