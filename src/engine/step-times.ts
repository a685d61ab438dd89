/** The last step durations, for percentiles. */

/** A ring of milliseconds. */
export class StepTimes {
  readonly #ring: Float64Array;
  /** Steps ever recorded. */
  count = 0;

  constructor(size = 512) {
    this.#ring = new Float64Array(size);
  }

  record(ms: number): void {
    this.#ring[this.count++ % this.#ring.length] = ms;
  }

  /** Of the last step; 0 before there was one. */
  get last(): number {
    return this.count === 0 ? 0 : (this.#ring[(this.count - 1) % this.#ring.length] ?? 0);
  }

  /** Nearest-rank percentiles of what is in the ring, 0 when empty. */
  percentiles(...shares: number[]): number[] {
    const sorted = this.#ring.slice(0, Math.min(this.count, this.#ring.length)).sort();
    return shares.map((share) => sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? 0);
  }
}
