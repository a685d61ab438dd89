/** Tokens for one decode, in native memory that JavaScript fills through views, without copies or objects per token. */
import koffi from "koffi";
import { Failed } from "../errors.ts";
import type { Pointer, Struct } from "./abi.ts";

export class Batch {
  readonly capacity: number;
  readonly sequencesPerToken: number;
  /** The struct that llama_decode takes; reused for every call. */
  readonly native: Struct<"llama_batch">;
  readonly #token: Int32Array;
  readonly #pos: Int32Array;
  readonly #sequenceCount: Int32Array;
  readonly #sequences: Int32Array;
  readonly #logits: Int8Array;
  readonly #blocks: Pointer[] = [];
  #n = 0;

  /** Room for `capacity` tokens, each in at most `sequencesPerToken` sequences. */
  constructor(capacity: number, sequencesPerToken = 1) {
    this.capacity = capacity;
    this.sequencesPerToken = sequencesPerToken;
    const token = this.#allocate(capacity * 4);
    const pos = this.#allocate(capacity * 4);
    const count = this.#allocate(capacity * 4);
    const sequences = this.#allocate(capacity * sequencesPerToken * 4);
    const rows = this.#allocate((capacity + 1) * 8);
    const logits = this.#allocate(capacity);
    this.#token = new Int32Array(koffi.view(token, capacity * 4));
    this.#pos = new Int32Array(koffi.view(pos, capacity * 4));
    this.#sequenceCount = new Int32Array(koffi.view(count, capacity * 4));
    this.#sequences = new Int32Array(koffi.view(sequences, capacity * sequencesPerToken * 4));
    this.#logits = new Int8Array(koffi.view(logits, capacity));
    const rowPointers = new BigUint64Array(koffi.view(rows, (capacity + 1) * 8));
    for (let i = 0; i < capacity; i++) rowPointers[i] = sequences + BigInt(i * sequencesPerToken * 4);
    rowPointers[capacity] = 0n; // llama_batch_init ends the list with NULL
    this.native = { n_tokens: 0, token, embd: null, pos, n_seq_id: count, seq_id: rows, logits };
  }

  /** Tokens added since the last `clear`. */
  get n(): number {
    return this.#n;
  }

  /** Adds a token of one sequence; gives back its index in the batch. */
  add(token: number, pos: number, sequence: number, wantLogits: boolean): number {
    const i = this.#next();
    this.#token[i] = token;
    this.#pos[i] = pos;
    this.#sequenceCount[i] = 1;
    this.#sequences[i * this.sequencesPerToken] = sequence;
    this.#logits[i] = wantLogits ? 1 : 0;
    return i;
  }

  /** Adds a token that several sequences share at the same position. */
  addShared(token: number, pos: number, sequences: readonly number[], wantLogits: boolean): number {
    if (sequences.length === 0 || sequences.length > this.sequencesPerToken) {
      throw new Failed(`a token of this batch belongs to 1 to ${this.sequencesPerToken} sequences, not ${sequences.length}`);
    }
    const i = this.#next();
    this.#token[i] = token;
    this.#pos[i] = pos;
    this.#sequenceCount[i] = sequences.length;
    this.#sequences.set(sequences, i * this.sequencesPerToken);
    this.#logits[i] = wantLogits ? 1 : 0;
    return i;
  }

  clear(): void {
    this.#n = 0;
    this.native.n_tokens = 0;
  }

  /** Frees the memory. Twice is harmless; any other use after it throws. */
  close(): void {
    this.clear();
    this.native.token = null;
    for (const block of this.#blocks.splice(0)) koffi.free(block);
  }

  [Symbol.dispose](): void {
    this.close();
  }

  #next(): number {
    if (this.#blocks.length === 0) throw new Failed("the batch is closed");
    if (this.#n >= this.capacity) throw new Failed(`the batch holds ${this.capacity} tokens at most`);
    this.native.n_tokens = this.#n + 1;
    return this.#n++;
  }

  #allocate(bytes: number): Pointer {
    const block: unknown = koffi.alloc("uint8_t", bytes);
    if (typeof block !== "bigint") throw new Failed("no memory for a batch");
    this.#blocks.push(block);
    return block;
  }
}
