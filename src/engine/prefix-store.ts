/** KV state of evicted prefixes, kept in RAM within a budget. The one used longest ago goes first. */
import { commonPrefix, type Held } from "./prefixes.ts";

/** One saved sequence: its tokens and llama.cpp's state bytes of them. */
export interface SavedPrefix extends Held {
  readonly tokens: Int32Array;
  readonly state: Uint8Array;
}

/** Least-recently-used store of saved prefixes. */
export class PrefixStore {
  readonly #budget: number;
  /** In order of use, oldest first. */
  readonly #entries = new Set<SavedPrefix>();
  #bytes = 0;

  constructor(budgetBytes: number) {
    this.#budget = budgetBytes;
  }

  get bytes(): number {
    return this.#bytes;
  }

  get size(): number {
    return this.#entries.size;
  }

  entries(): Iterable<SavedPrefix> {
    return this.#entries;
  }

  fits(stateBytes: number): boolean {
    return stateBytes <= this.#budget;
  }

  /** Whether an entry holds all of these tokens. */
  holds(tokens: ArrayLike<number>): boolean {
    for (const entry of this.#entries) if (commonPrefix(entry.tokens, tokens) === tokens.length) return true;
    return false;
  }

  /** Saves, replacing entries that are prefixes of this one, and evicts until the budget holds. */
  save(tokens: ArrayLike<number>, state: Uint8Array): void {
    for (const entry of this.#entries) if (commonPrefix(entry.tokens, tokens) === entry.tokens.length) this.#drop(entry);
    this.#entries.add({ tokens: Int32Array.from(tokens), usable: tokens.length, state });
    this.#bytes += state.byteLength;
    for (const entry of this.#entries) {
      if (this.#bytes <= this.#budget) break;
      this.#drop(entry);
    }
  }

  touch(entry: SavedPrefix): void {
    if (this.#entries.delete(entry)) this.#entries.add(entry);
  }

  #drop(entry: SavedPrefix): void {
    if (this.#entries.delete(entry)) this.#bytes -= entry.state.byteLength;
  }
}
