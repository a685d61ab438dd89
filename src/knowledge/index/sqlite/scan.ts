/**
 * Vectors in memory, searched one and all. A bit for each dimension (above the mean or below) finds candidates through tables of partial
 * sums, eight dimensions a look; 8-bit numbers, of how far each is from the mean, put them in order. 100,000 vectors of 384 dimensions take 45 MB.
 */
import { largest } from "./largest.ts";

/** So many candidates for each vector asked for, at least MOST_LIKELY: on real embedders the exact best are among far fewer. */
const CANDIDATES_EACH = 20;
const MOST_LIKELY = 1500;
const LEAST_CAPACITY = 256;
/** Parts of a sum as whole numbers of 16 bits: the tables then fit a core's nearest cache. */
const LARGEST_PART = 0x7fff;
const LARGEST_CODE = 127;

export interface Candidate {
  passage: number;
  score: number;
}

export class VectorScan {
  readonly dimensions: number;
  readonly #bytes: number;
  /** The middle of the first vectors, and how far from it each dimension goes: many embedders put all texts to one side of 0. */
  readonly #mean: Float32Array;
  readonly #spread: Float32Array;
  readonly #at = new Map<number, number>();
  #passages: Float64Array;
  #documents: Float64Array;
  #scales: Float32Array;
  #bits: Uint8Array;
  #codes: Int8Array;
  #scores = new Int32Array(0);
  #count = 0;

  /** `sample`: some of the vectors that will be added. `expected`: how many there will be. */
  constructor(dimensions: number, sample: readonly Float32Array[], expected = 0) {
    this.dimensions = dimensions;
    this.#bytes = Math.ceil(dimensions / 8);
    const capacity = Math.max(LEAST_CAPACITY, expected);
    this.#passages = new Float64Array(capacity);
    this.#documents = new Float64Array(capacity);
    this.#scales = new Float32Array(capacity);
    this.#bits = new Uint8Array(capacity * this.#bytes);
    this.#codes = new Int8Array(capacity * dimensions);
    this.#mean = new Float32Array(dimensions);
    this.#spread = new Float32Array(dimensions);
    for (const vector of sample) for (let i = 0; i < dimensions; i++) add(this.#mean, i, (vector[i] ?? 0) / sample.length);
    for (const vector of sample) {
      for (let i = 0; i < dimensions; i++) {
        add(this.#spread, i, Math.abs((vector[i] ?? 0) - (this.#mean[i] ?? 0)) / sample.length);
      }
    }
  }

  get size(): number {
    return this.#count;
  }

  get bytesHeld(): number {
    return this.#passages.length * (8 + 8 + 4 + this.#bytes + this.dimensions);
  }

  /** Adds or replaces. */
  put(passage: number, document: number, vector: Float32Array): void {
    let at = this.#at.get(passage);
    if (at === undefined) {
      at = this.#count++;
      if (at === this.#passages.length) this.#grow();
      this.#at.set(passage, at);
    }
    this.#passages[at] = passage;
    this.#documents[at] = document;
    const { dimensions } = this;
    const mean = this.#mean;
    let most = 0;
    for (let i = 0; i < dimensions; i++) most = Math.max(most, Math.abs((vector[i] ?? 0) - (mean[i] ?? 0)));
    const scale = most > 0 ? most / LARGEST_CODE : 1;
    this.#scales[at] = scale;
    const bits = this.#bits.subarray(at * this.#bytes, (at + 1) * this.#bytes).fill(0);
    for (let i = 0; i < dimensions; i++) {
      const offset = (vector[i] ?? 0) - (mean[i] ?? 0);
      this.#codes[at * dimensions + i] = Math.round(offset / scale);
      if (offset > 0) bits[i >> 3] = (bits[i >> 3] ?? 0) | (1 << (i & 7));
    }
  }

  /** The last one takes the place of the one that goes. */
  remove(passage: number): void {
    const at = this.#at.get(passage);
    if (at === undefined) return;
    const last = --this.#count;
    this.#at.delete(passage);
    if (at === last) return;
    const moved = this.#passages[last] ?? 0;
    this.#at.set(moved, at);
    this.#passages[at] = moved;
    this.#documents[at] = this.#documents[last] ?? 0;
    this.#scales[at] = this.#scales[last] ?? 0;
    this.#bits.copyWithin(at * this.#bytes, last * this.#bytes, (last + 1) * this.#bytes);
    this.#codes.copyWithin(at * this.dimensions, last * this.dimensions, (last + 1) * this.dimensions);
  }

  removeWhere(isGone: (passage: number) => boolean): void {
    // From the end: what takes the place of another has been looked at.
    for (let at = this.#count - 1; at >= 0; at--) {
      const passage = this.#passages[at] ?? 0;
      if (isGone(passage)) this.remove(passage);
    }
  }

  /** How many there are in each range of so many numbers of passages, by the range's number. */
  countsOf(width: number): Map<number, number> {
    const counts = new Map<number, number>();
    for (let at = 0; at < this.#count; at++) {
      const range = Math.floor((this.#passages[at] ?? 0) / width);
      counts.set(range, (counts.get(range) ?? 0) + 1);
    }
    return counts;
  }

  /** The nearest by cosine, the best first, as far as 8 bits a number tell; both sides have length 1. */
  nearest(query: Float32Array, limit: number, documents?: ReadonlySet<number>): Candidate[] {
    const rows = documents && this.#rowsOf(documents);
    const most = Math.max(MOST_LIKELY, limit * CANDIDATES_EACH);
    const likely = this.#likeliest(query, rows, most);
    const toMiddle = query.reduce((sum, value, i) => sum + value * (this.#mean[i] ?? 0), 0);
    const found: Candidate[] = [];
    for (const at of likely) {
      const offset = product(query, this.#codes, at * this.dimensions) * (this.#scales[at] ?? 0);
      found.push({ passage: this.#passages[at] ?? 0, score: toMiddle + offset });
    }
    return found.sort((a, b) => b.score - a.score || a.passage - b.passage).slice(0, limit);
  }

  #rowsOf(documents: ReadonlySet<number>): Uint32Array {
    const rows = new Uint32Array(this.#count);
    let count = 0;
    for (let at = 0; at < this.#count; at++) if (documents.has(this.#documents[at] ?? 0)) rows[count++] = at;
    return rows.subarray(0, count);
  }

  /** Of some rows, or of all. */
  #likeliest(query: Float32Array, rows: Uint32Array | undefined, most: number): Uint32Array {
    const count = rows?.length ?? this.#count;
    if (count <= most) return rows ?? Uint32Array.from({ length: count }, (_, at) => at);
    const tables = this.#tablesFor(query);
    const bits = this.#bits;
    const bytes = this.#bytes;
    if (this.#scores.length < count) this.#scores = new Int32Array(this.#passages.length);
    const scores = this.#scores.subarray(0, count);
    for (let i = 0; i < count; i++) {
      const from = (rows ? (rows[i] ?? 0) : i) * bytes;
      let score = 0;
      for (let byte = 0; byte < bytes; byte++) score += tables[(byte << 8) | (bits[from + byte] ?? 0)] ?? 0;
      scores[i] = score;
    }
    const places = largest(scores, most);
    return rows ? places.map((place) => rows[place] ?? 0) : places;
  }

  /** For each byte of bits, what its eight dimensions add to the product with the query. */
  #tablesFor(query: Float32Array): Int16Array {
    const parts = new Float32Array(this.#bytes << 8);
    for (let byte = 0; byte < this.#bytes; byte++) {
      parts[byte << 8] = -this.#sumOf(query, byte);
      for (let bit = 0; bit < 8; bit++) {
        const i = byte * 8 + bit;
        const part = (query[i] ?? 0) * (this.#spread[i] ?? 0);
        // Every pattern with this bit set is the pattern without it, and twice the part more.
        for (let pattern = 0; pattern < 1 << bit; pattern++) {
          parts[(byte << 8) | (1 << bit) | pattern] = (parts[(byte << 8) | pattern] ?? 0) + 2 * part;
        }
      }
    }
    let most = 0;
    for (const part of parts) most = Math.max(most, Math.abs(part));
    const scale = LARGEST_PART / (most || 1);
    const tables = new Int16Array(parts.length);
    for (let i = 0; i < parts.length; i++) tables[i] = Math.round((parts[i] ?? 0) * scale);
    return tables;
  }

  #sumOf(query: Float32Array, byte: number): number {
    let sum = 0;
    for (let i = byte * 8; i < byte * 8 + 8; i++) sum += (query[i] ?? 0) * (this.#spread[i] ?? 0);
    return sum;
  }

  #grow(): void {
    const capacity = Math.ceil(this.#passages.length * 1.5);
    const larger = <T extends { set(from: T): void }>(Type: new (length: number) => T, from: T, width: number): T => {
      const to = new Type(capacity * width);
      to.set(from);
      return to;
    };
    this.#passages = larger(Float64Array, this.#passages, 1);
    this.#documents = larger(Float64Array, this.#documents, 1);
    this.#scales = larger(Float32Array, this.#scales, 1);
    this.#bits = larger(Uint8Array, this.#bits, this.#bytes);
    this.#codes = larger(Int8Array, this.#codes, this.dimensions);
  }
}

/** Of the query with the codes of one row. Only ever called with these two types: that makes it twice as fast. */
function product(query: Float32Array, codes: Int8Array, from: number): number {
  let sum = 0;
  for (let i = 0; i < query.length; i++) sum += (query[i] ?? 0) * (codes[from + i] ?? 0);
  return sum;
}

function add(to: Float32Array, i: number, value: number): void {
  to[i] = (to[i] ?? 0) + value;
}
