/** The KV cache of a context: sequences of token positions that can be removed, shared and moved. */
import { Failed } from "../errors.ts";
import type { Pointer } from "./abi.ts";
import type { Llama } from "./functions.ts";

/** LLAMA_MAX_SEQ: llama.cpp ends the process for a sequence beyond it. */
const MOST = 256;

/** Ranges are [from, to); a negative `from` means the start, a negative `to` the end. Models without a cache accept every call. */
export class Memory {
  readonly #llama: Llama;
  readonly #pointer: () => Pointer | null;

  /** `pointer` is asked at every call, so that it can throw once the context is closed. */
  constructor(llama: Llama, pointer: () => Pointer | null) {
    this.#llama = llama;
    this.#pointer = pointer;
  }

  /** Removes positions of a sequence. False when the model cannot remove a part (recurrent ones); removing all of it never fails. */
  remove(sequence: number, from = -1, to = -1): boolean {
    return this.#llama.llama_memory_seq_rm(this.#pointer(), known(sequence), from, to);
  }

  /** Lets `destination` share positions of `source`, without computing them again. */
  copy(source: number, destination: number, from = -1, to = -1): void {
    this.#llama.llama_memory_seq_cp(this.#pointer(), known(source), known(destination), from, to);
  }

  /** Removes every other sequence. */
  keep(sequence: number): void {
    this.#llama.llama_memory_seq_keep(this.#pointer(), known(sequence));
  }

  /**
   * Moves positions by `delta`. A cell has one position: cells that `copy` shared move for every sequence that shares them.
   * Throws where the model's positions cannot move, see `canShift`.
   */
  add(sequence: number, from: number, to: number, delta: number): void {
    if (!this.canShift) throw new Failed("this model's context cannot be shifted");
    this.#llama.llama_memory_seq_add(this.#pointer(), known(sequence), from, to, delta);
  }

  /** Divides positions by `divisor`. */
  divide(sequence: number, from: number, to: number, divisor: number): void {
    if (!this.canShift) throw new Failed("this model's context cannot be shifted");
    if (divisor < 2) throw new Failed(`positions cannot be divided by ${divisor}`);
    this.#llama.llama_memory_seq_div(this.#pointer(), known(sequence), from, to, divisor);
  }

  /** First position held; -1 when the sequence is empty. More than 0 where a sliding window dropped the start. */
  posMin(sequence: number): number {
    return this.#llama.llama_memory_seq_pos_min(this.#pointer(), known(sequence));
  }

  /** Last position held; -1 when the sequence is empty. */
  posMax(sequence: number): number {
    return this.#llama.llama_memory_seq_pos_max(this.#pointer(), known(sequence));
  }

  get canShift(): boolean {
    return this.#llama.llama_memory_can_shift(this.#pointer());
  }

  /** Empties the cache; with `data` also zeroes its buffers. */
  clear(data = false): void {
    this.#llama.llama_memory_clear(this.#pointer(), data);
  }
}

function known(sequence: number): number {
  if (sequence >= 0 && sequence < MOST) return sequence;
  throw new Failed(`sequence ${sequence} is not one of 0 to ${MOST - 1}`);
}
