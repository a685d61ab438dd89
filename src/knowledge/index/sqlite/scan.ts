/**
 * Vectors in memory, searched one and all. A bit for each dimension (above the mean or below) finds candidates through tables of partial
 * sums, eight dimensions a look; their 8-bit numbers put them in order. 100,000 vectors of 384 dimensions take 43 MB and some 10 ms.
 */

/** So many candidates for each vector asked for, at least MOST_LIKELY: on real embedders the exact best are among far fewer. */
const CANDIDATES_EACH = 20;
const MOST_LIKELY = 1500;
const FIRST_CAPACITY = 256;

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
  #passages = new Float64Array(FIRST_CAPACITY);
  #documents = new Float64Array(FIRST_CAPACITY);
  #scales = new Float32Array(FIRST_CAPACITY);
  #bits: Uint8Array;
  #codes: Int8Array;
  #count = 0;

  /** `sample`: some of the vectors that will be added. */
  constructor(dimensions: number, sample: readonly Float32Array[]) {
    this.dimensions = dimensions;
    this.#bytes = Math.ceil(dimensions / 8);
    this.#bits = new Uint8Array(FIRST_CAPACITY * this.#bytes);
    this.#codes = new Int8Array(FIRST_CAPACITY * dimensions);
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
    let largest = 0;
    for (const value of vector) largest = Math.max(largest, Math.abs(value));
    const scale = largest > 0 ? largest / 127 : 1;
    this.#scales[at] = scale;
    const { dimensions } = this;
    for (let i = 0; i < dimensions; i++) this.#codes[at * dimensions + i] = Math.round((vector[i] ?? 0) / scale);
    for (let byte = 0; byte < this.#bytes; byte++) {
      let bits = 0;
      const from = byte * 8;
      for (let bit = 0; bit < 8 && from + bit < dimensions; bit++) {
        if ((vector[from + bit] ?? 0) > (this.#mean[from + bit] ?? 0)) bits |= 1 << bit;
      }
      this.#bits[at * this.#bytes + byte] = bits;
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

  /** Takes out all that are not among these. */
  keepOnly(passages: ReadonlySet<number>): void {
    for (const passage of [...this.#at.keys()]) if (!passages.has(passage)) this.remove(passage);
  }

  /** The nearest by cosine, the best first; both sides have length 1. */
  nearest(query: Float32Array, limit: number, documents?: ReadonlySet<number>): Candidate[] {
    const rows = this.#rowsOf(documents);
    const most = Math.max(MOST_LIKELY, limit * CANDIDATES_EACH);
    const likely = rows.length <= most ? rows : this.#likeliest(query, rows, most);
    const found: Candidate[] = [];
    for (const at of likely) found.push({ passage: this.#passages[at] ?? 0, score: this.#cosine(query, at) });
    return found.sort((a, b) => b.score - a.score || a.passage - b.passage).slice(0, limit);
  }

  #rowsOf(documents: ReadonlySet<number> | undefined): Uint32Array {
    const rows = new Uint32Array(this.#count);
    let count = 0;
    for (let at = 0; at < this.#count; at++) if (!documents || documents.has(this.#documents[at] ?? 0)) rows[count++] = at;
    return rows.subarray(0, count);
  }

  #likeliest(query: Float32Array, rows: Uint32Array, most: number): Uint32Array {
    const tables = this.#tablesFor(query);
    const bits = this.#bits;
    const bytes = this.#bytes;
    const scores = new Float32Array(rows.length);
    for (let row = 0; row < rows.length; row++) {
      const from = (rows[row] ?? 0) * bytes;
      let score = 0;
      for (let byte = 0; byte < bytes; byte++) score += tables[(byte << 8) | (bits[from + byte] ?? 0)] ?? 0;
      scores[row] = score;
    }
    const least = Float32Array.from(scores).sort()[rows.length - most] ?? 0;
    const likely = new Uint32Array(most);
    let count = 0;
    for (let row = 0; row < rows.length && count < most; row++) if ((scores[row] ?? 0) >= least) likely[count++] = rows[row] ?? 0;
    return likely.subarray(0, count);
  }

  /** For each byte of bits, what its eight dimensions add to the product with the query. */
  #tablesFor(query: Float32Array): Float32Array {
    const tables = new Float32Array(this.#bytes << 8);
    for (let byte = 0; byte < this.#bytes; byte++) {
      for (let bit = 0; bit < 8; bit++) {
        const i = byte * 8 + bit;
        const part = (query[i] ?? 0) * (this.#spread[i] ?? 0);
        // Every pattern with this bit set is the pattern without it, and twice the part more.
        if (bit === 0) tables[byte << 8] = -this.#sumOf(query, byte);
        for (let pattern = 0; pattern < 1 << bit; pattern++) {
          tables[(byte << 8) | (1 << bit) | pattern] = (tables[(byte << 8) | pattern] ?? 0) + 2 * part;
        }
      }
    }
    return tables;
  }

  #sumOf(query: Float32Array, byte: number): number {
    let sum = 0;
    for (let i = byte * 8; i < byte * 8 + 8; i++) sum += (query[i] ?? 0) * (this.#spread[i] ?? 0);
    return sum;
  }

  #cosine(query: Float32Array, at: number): number {
    const { dimensions } = this;
    const codes = this.#codes;
    const from = at * dimensions;
    let sum = 0;
    for (let i = 0; i < dimensions; i++) sum += (query[i] ?? 0) * (codes[from + i] ?? 0);
    return sum * (this.#scales[at] ?? 0);
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

function add(to: Float32Array, i: number, value: number): void {
  to[i] = (to[i] ?? 0) + value;
}
