/** Which bytes of a file are there: half-open ranges, sorted, none touching another. */

/** From `start` up to, but not with, `end`. */
export interface Range {
  start: number;
  end: number;
}

/** A set of bytes. */
export class Ranges {
  #ranges: Range[] = [];

  constructor(ranges: Iterable<Range> = []) {
    for (const range of ranges) this.add(range);
  }

  add({ start, end }: Range): void {
    if (start >= end) return;
    const before = this.#ranges.filter((range) => range.end < start);
    const after = this.#ranges.filter((range) => range.start > end);
    const touching = this.#ranges.slice(before.length, this.#ranges.length - after.length);
    const merged = {
      start: Math.min(start, touching[0]?.start ?? start),
      end: Math.max(end, touching.at(-1)?.end ?? end),
    };
    this.#ranges = [...before, merged, ...after];
  }

  /** How many bytes are there. */
  get size(): number {
    return this.#ranges.reduce((sum, { start, end }) => sum + end - start, 0);
  }

  /** How many bytes are there from the beginning, without a gap. */
  get prefix(): number {
    const first = this.#ranges[0];
    return first?.start === 0 ? first.end : 0;
  }

  /** What is not there of a range, in order. */
  missing({ start, end }: Range): Range[] {
    const gaps: Range[] = [];
    let at = start;
    for (const range of this.#ranges) {
      if (range.end <= at) continue;
      if (range.start >= end) break;
      if (range.start > at) gaps.push({ start: at, end: range.start });
      at = range.end;
    }
    if (at < end) gaps.push({ start: at, end });
    return gaps;
  }

  [Symbol.iterator](): Iterator<Range> {
    return this.#ranges[Symbol.iterator]();
  }
}

/** Cuts ranges into pieces of at most `size` bytes, in order. */
export function cut(ranges: Iterable<Range>, size: number): Range[] {
  const pieces: Range[] = [];
  for (const { start, end } of ranges) {
    for (let at = start; at < end; at += size) pieces.push({ start: at, end: Math.min(end, at + size) });
  }
  return pieces;
}
