/** What to do when a transfer breaks: which errors pass by themselves, and how long to wait. */
import { setTimeout as sleep } from "node:timers/promises";
import { Canceled, Failed, messageOf } from "../errors.ts";
import { HttpError } from "./session.ts";
import { Stalled, Unreachable } from "./unreachable.ts";

const MAX_TRIES = 6;
const MAX_WAIT_MS = 60_000;

/** Whether trying again may help. */
export function isTransient(error: unknown): boolean {
  if (error instanceof HttpError) return [408, 425, 429].includes(error.status) || error.status >= 500;
  return error instanceof Stalled || error instanceof Unreachable;
}

export interface RetryOptions {
  /** The first wait; each further one is twice as long. */
  backoffMs: number;
  signal: AbortSignal;
  tries?: number;
}

/** Counts failures in a row. `reset` begins anew, after some progress. */
export class Retries {
  readonly #options: RetryOptions;
  #tries = 0;

  constructor(options: RetryOptions) {
    this.#options = options;
  }

  reset(): void {
    this.#tries = 0;
  }

  /** Waits before the next try. Throws the error itself when it will not pass, or Ollama's words after too many. */
  async wait(error: unknown): Promise<void> {
    const { backoffMs, signal, tries = MAX_TRIES } = this.#options;
    if (signal.aborted) throw new Canceled(undefined, { cause: error });
    if (!isTransient(error)) throw error;
    if (++this.#tries >= tries) throw new Failed(`max retries exceeded: ${messageOf(error)}`, { cause: error });
    const asked = error instanceof HttpError ? error.retryAfterMs : undefined;
    const ms = Math.min(MAX_WAIT_MS, asked ?? backoffMs * 2 ** (this.#tries - 1));
    await sleep(ms, undefined, { signal }).catch((cause) => {
      throw new Canceled(undefined, { cause });
    });
  }
}
