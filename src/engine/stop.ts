/**
 * Stop strings, matched on bytes by an Aho-Corasick automaton, so that ten thousand cost as much per byte as one
 * and it never matters how tokens cut the text.
 */
import { join } from "./bytes.ts";

/** The automaton of a set of stop strings. Immutable: streams share it. State 0 is the root; children of a state are a linked list. */
export class StopSet {
  readonly #byte: number[] = [0];
  readonly #firstChild: number[] = [0];
  readonly #nextSibling: number[] = [0];
  readonly #fail: number[] = [0];
  readonly #depth: number[] = [0];
  /** Length of the longest pattern that ends in this state, 0 for none. */
  readonly #match: number[] = [0];

  /** Empty strings are left out: they would stop everything. */
  constructor(stops: readonly string[]) {
    const encoder = new TextEncoder();
    for (const stop of stops) if (stop !== "") this.#add(encoder.encode(stop));
    this.#link();
  }

  get empty(): boolean {
    return this.#byte.length === 1;
  }

  step(state: number, byte: number): number {
    let at = state;
    for (;;) {
      const next = this.#child(at, byte);
      if (next !== 0 || at === 0) return next;
      at = this.#fail[at] ?? 0;
    }
  }

  /** How many of the last bytes could still become a stop string. */
  held(state: number): number {
    return this.#depth[state] ?? 0;
  }

  /** Length in bytes of the longest stop string that ends here, 0 for none. */
  matched(state: number): number {
    return this.#match[state] ?? 0;
  }

  /** 0, the root, is nobody's child and stands for none. */
  #child(state: number, byte: number): number {
    let child = this.#firstChild[state] ?? 0;
    while (child !== 0 && this.#byte[child] !== byte) child = this.#nextSibling[child] ?? 0;
    return child;
  }

  #add(pattern: Uint8Array): void {
    let at = 0;
    for (const byte of pattern) at = this.#child(at, byte) || this.#grow(at, byte);
    this.#match[at] = pattern.length;
  }

  #grow(parent: number, byte: number): number {
    const state = this.#byte.push(byte) - 1;
    this.#nextSibling.push(this.#firstChild[parent] ?? 0);
    this.#firstChild[parent] = state;
    this.#firstChild.push(0);
    this.#fail.push(0);
    this.#depth.push((this.#depth[parent] ?? 0) + 1);
    this.#match.push(0);
    return state;
  }

  /** Breadth first, so that a state's shorter suffixes are linked before it. */
  #link(): void {
    const queue = [0];
    for (let i = 0; i < queue.length; i++) {
      const state = queue[i] ?? 0;
      for (let child = this.#firstChild[state] ?? 0; child !== 0; child = this.#nextSibling[child] ?? 0) {
        const fail = state === 0 ? 0 : this.step(this.#fail[state] ?? 0, this.#byte[child] ?? 0);
        this.#fail[child] = fail;
        this.#match[child] = Math.max(this.#match[child] ?? 0, this.#match[fail] ?? 0);
        queue.push(child);
      }
    }
  }
}

/** One stream through a StopSet. What could still become a stop string stays inside. */
export class StopMatcher {
  readonly #set: StopSet;
  #state = 0;
  #held: Uint8Array = new Uint8Array(0);
  /** The stop string that was found; nothing may be pushed after it. */
  stopText: string | undefined;
  /** Bytes pushed and released so far. */
  pushed = 0;
  released = 0;

  constructor(set: StopSet) {
    this.#set = set;
  }

  /** Bytes that may be shown now. The match is the one that ends first; of those that end together, the longest. */
  push(bytes: Uint8Array): Uint8Array {
    this.pushed += bytes.length;
    if (this.#set.empty) {
      this.released += bytes.length;
      return bytes;
    }
    for (let i = 0; i < bytes.length; i++) {
      this.#state = this.#set.step(this.#state, bytes[i] ?? 0);
      const length = this.#set.matched(this.#state);
      if (length === 0) continue;
      const all = join(this.#held, bytes.subarray(0, i + 1));
      this.stopText = new TextDecoder().decode(all.subarray(all.length - length));
      this.#held = new Uint8Array(0);
      return this.#release(all.subarray(0, all.length - length));
    }
    const all = join(this.#held, bytes);
    const free = all.length - this.#set.held(this.#state);
    this.#held = all.slice(free);
    return this.#release(all.subarray(0, free));
  }

  /** The end of the stream: what was held back is no stop string after all. */
  flush(): Uint8Array {
    const rest = this.#held;
    this.#held = new Uint8Array(0);
    this.#state = 0;
    return this.#release(rest);
  }

  #release(bytes: Uint8Array): Uint8Array {
    this.released += bytes.length;
    return bytes;
  }
}
