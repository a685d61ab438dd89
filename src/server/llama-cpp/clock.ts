/** A bound on the time of an answer that lets the line under way end. */

export class InfillClock {
  readonly #limitMs: number;
  readonly #abort = new AbortController();
  #startedMs: number | undefined;
  #line = false;

  /** 0 or less is no bound. */
  constructor(limitMs: number) {
    this.#limitMs = limitMs;
  }

  /** Fires when the time is up. */
  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  get isOver(): boolean {
    return this.#abort.signal.aborted;
  }

  /** Takes note of text that came. Time counts from the first, and only once there is a whole line. */
  saw(text: string): void {
    const now = performance.now();
    this.#startedMs ??= now;
    this.#line ||= text.includes("\n");
    if (this.#limitMs > 0 && this.#line && now - this.#startedMs > this.#limitMs) this.#abort.abort();
  }
}
