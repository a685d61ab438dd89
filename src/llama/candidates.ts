/** The candidate array that samplers work on, in native memory: every token with its logit. */
import koffi from "koffi";
import { Failed } from "../errors.ts";
import { type Pointer, sizeOf } from "./abi.ts";

const TOKEN_DATA_BYTES = sizeOf("llama_token_data"); // id, logit, p: three words of 4 bytes

export class Candidates {
  readonly capacity: number;
  /** Address of the llama_token_data_array. */
  readonly #array: Pointer;
  readonly #data: Pointer;
  readonly #arrayFields: BigInt64Array;
  readonly #sorted: Uint8Array;
  readonly #ids: Int32Array;
  readonly #values: Float32Array;
  #open = true;

  constructor(capacity: number) {
    this.capacity = capacity;
    const bytes = sizeOf("llama_token_data_array"); // data, size, selected, sorted: three words and a flag
    this.#array = allocate(bytes);
    this.#data = allocate(capacity * TOKEN_DATA_BYTES);
    const view = koffi.view(this.#array, bytes);
    this.#arrayFields = new BigInt64Array(view);
    this.#sorted = new Uint8Array(view, 24, 1);
    const data = koffi.view(this.#data, capacity * TOKEN_DATA_BYTES);
    this.#ids = new Int32Array(data);
    this.#values = new Float32Array(data);
  }

  /** Address to hand to llama_sampler_apply. Throws after `close`. */
  get pointer(): Pointer {
    if (!this.#open) throw new Failed("the candidates are closed");
    return this.#array;
  }

  /** Every token with its logit; `logits` is as long as the capacity. */
  fill(logits: Float32Array): void {
    const ids = this.#ids;
    const values = this.#values;
    const n = Math.min(logits.length, this.capacity);
    for (let token = 0, at = 0; token < n; token++, at += 3) {
      ids[at] = token;
      values[at + 1] = logits[token] ?? 0;
      values[at + 2] = 0;
    }
    this.#reset(n);
  }

  /** One token with logit 0. */
  fillOne(token: number): void {
    this.#ids[0] = token;
    this.#values[1] = 0;
    this.#values[2] = 0;
    this.#reset(1);
  }

  /** Takes these tokens out. Only before a chain has reordered the array. */
  forbid(tokens: Iterable<number>): void {
    for (const token of tokens) this.#values[token * 3 + 1] = Number.NEGATIVE_INFINITY;
  }

  /** Whether the first candidate still may be chosen. */
  get firstAllowed(): boolean {
    return this.#values[1] !== Number.NEGATIVE_INFINITY;
  }

  /** The chosen token, or undefined when the chain chose none. */
  get selected(): number | undefined {
    const index = Number(this.#arrayFields[2]);
    if (index < 0 || index >= Number(this.#arrayFields[1])) return undefined;
    // Samplers may point the array at memory of their own.
    if (this.#arrayFields[0] === BigInt.asIntN(64, this.#data)) return this.#ids[index * 3];
    return koffi.decode.int32(BigInt.asUintN(64, this.#arrayFields[0] ?? 0n) + BigInt(index * TOKEN_DATA_BYTES));
  }

  /** What is left after sampling, with probabilities where a step worked them out. A copy. */
  entries(): { token: number; logit: number; p: number }[] {
    const n = Number(this.#arrayFields[1]);
    const data = koffi.view(BigInt.asUintN(64, this.#arrayFields[0] ?? 0n), n * TOKEN_DATA_BYTES);
    const ids = new Int32Array(data);
    const values = new Float32Array(data);
    return Array.from({ length: n }, (_, i) => ({
      token: ids[i * 3] ?? 0,
      logit: values[i * 3 + 1] ?? 0,
      p: values[i * 3 + 2] ?? 0,
    }));
  }

  close(): void {
    if (!this.#open) return;
    this.#open = false;
    koffi.free(this.#array);
    koffi.free(this.#data);
  }

  [Symbol.dispose](): void {
    this.close();
  }

  #reset(n: number): void {
    if (!this.#open) throw new Failed("the candidates are closed");
    this.#arrayFields[0] = BigInt.asIntN(64, this.#data);
    this.#arrayFields[1] = BigInt(n);
    this.#arrayFields[2] = -1n;
    this.#sorted[0] = 0;
  }
}

function allocate(bytes: number): Pointer {
  const block: unknown = koffi.alloc("uint8_t", bytes);
  if (typeof block !== "bigint") throw new Failed("no memory for sampling");
  return block;
}
