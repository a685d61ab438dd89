/** The shared KV cache: native sequences, what they hold, prefixes kept after their request, and what was evicted to RAM. */
import { type Context, getSequence, sequenceSize, setSequence } from "../llama/index.ts";
import { CellLedger } from "./cells.ts";
import type { PrefixStore } from "./prefix-store.ts";
import { commonPrefix, type Held, longestMatch } from "./prefixes.ts";

/** Waiting for another request's prefix, or bringing one back from RAM, must save at least so many tokens. */
export const LEAST_PREFIX = 64;
const LEAST_RESTORED = 16;
/** How long a request that starts may be held up by moving idle prefixes out of its way. */
const LIGHTEN_MS = 20;
/** A kept prefix that adds less than this to another one is dropped. */
const LEAST_DIFFERENCE = 32;

/** Something that holds a native sequence. */
export interface Holder extends Held {
  readonly slot: number | undefined;
}

interface Kept extends Held {
  readonly slot: number;
  readonly tokens: readonly number[];
}

export interface KvCacheOptions {
  context: Context;
  store: PrefixStore;
  /** Native sequences: for active requests and for kept prefixes. */
  slots: number;
  /** Memory that cannot be cut (recurrent, sliding window): only whole sequences are reused. */
  whole: boolean;
}

export class KvCache {
  readonly cells: number;
  readonly ledger = new CellLedger();
  readonly #context: Context;
  readonly #store: PrefixStore;
  readonly #whole: boolean;
  readonly #free: number[];
  /** Oldest use first. */
  readonly #kept = new Set<Kept>();
  /** Sequences have grown side by side, so that one's cells may lie far beyond its own length. */
  #mixed = false;

  constructor({ context, store, slots, whole }: KvCacheOptions) {
    this.cells = context.nCtx;
    this.#context = context;
    this.#store = store;
    this.#whole = whole;
    this.#free = Array.from({ length: slots }, (_, i) => slots - 1 - i);
  }

  /** Prefixes that are in the cache and not in RAM as well. */
  get keptCount(): number {
    return [...this.#kept].filter(({ tokens }) => !this.#store.holds(tokens)).length;
  }

  /** How many tokens of `tokens` can be reused, and how many of those would be shared with `live` requests' cells. */
  match(tokens: readonly number[], live: Iterable<Holder>): { length: number; sharedWithLive: number } {
    const best = longestMatch(tokens, this.#holders(live), { whole: this.#whole });
    const stored = longestMatch(tokens, this.#store.entries(), { whole: this.#whole });
    const length = best?.length ?? 0;
    const isKept = best !== undefined && this.#kept.has(best.held as Kept);
    return { length: Math.max(length, stored?.length ?? 0), sharedWithLive: isKept ? 0 : length };
  }

  /** A sequence for these tokens, with as many of them in it as are known anywhere. */
  open(tokens: readonly number[], live: Iterable<Holder>): { slot: number; cached: number } {
    const find = () => longestMatch(tokens, this.#holders(live), { whole: this.#whole });
    const restored = this.#restore(tokens, find()?.length ?? 0);
    if (restored) return restored;
    // Only now: making room for the attempt may have evicted what was there before.
    const best = find();
    if (!best || best.held.slot === undefined) return { slot: this.#takeSlot(), cached: 0 };
    const source = best.held;
    const kept = this.#kept.has(source as Kept) ? (source as Kept) : undefined;
    // A continuation of a kept prefix goes on in its place.
    if (kept && best.length === kept.usable) {
      this.#kept.delete(kept);
      return { slot: kept.slot, cached: best.length };
    }
    // A match of a few tokens, such as BOS, is no use of what was kept.
    if (kept && best.length >= LEAST_DIFFERENCE) this.#touch(kept);
    const slot = this.#takeSlot(kept);
    this.#context.memory.copy(best.held.slot, slot, 0, best.length);
    this.ledger.share(best.held.slot, slot, best.length);
    return { slot, cached: best.length };
  }

  /** `count` more tokens of this sequence are computed. */
  grew(slot: number, count: number): void {
    this.ledger.append(slot, count);
    if (this.ledger.used > this.ledger.length(slot)) this.#mixed = true;
  }

  /** Takes out what an unfinished decode left behind `length`. False when the sequence is now empty and must be computed anew. */
  cutBack(slot: number, length: number): boolean {
    // Memory that cannot be cut may hold half an update: it is worth nothing now.
    if (!this.#whole && this.#context.memory.remove(slot, length, -1)) return true;
    this.empty(slot);
    return false;
  }

  /** Empties a sequence but leaves it to its owner. */
  empty(slot: number): void {
    this.#context.memory.remove(slot);
    this.ledger.remove(slot, 0);
  }

  /** The request of this sequence is over: its first `usable` tokens stay until their cells are wanted. */
  release(slot: number, tokens: readonly number[], usable: number): void {
    const length = this.ledger.length(slot);
    const cut = usable < length && !this.#context.memory.remove(slot, usable, -1);
    const kept: Kept = { slot, tokens: tokens.slice(0, usable), usable };
    if (usable < LEAST_DIFFERENCE || cut || this.#isCovered(kept)) {
      this.#drop(slot);
      return;
    }
    this.ledger.remove(slot, usable);
    for (const other of this.#kept) {
      if (other.usable - commonPrefix(other.tokens, kept.tokens) >= LEAST_DIFFERENCE) continue;
      this.#forget(other);
    }
    this.#kept.add(kept);
  }

  /** A longer kept prefix holds these tokens too, but for a few. It then counts as used. */
  #isCovered(kept: Kept): boolean {
    for (const other of this.#kept) {
      if (other.usable < kept.usable || kept.usable - commonPrefix(other.tokens, kept.tokens) >= LEAST_DIFFERENCE) continue;
      this.#touch(other);
      return true;
    }
    return false;
  }

  /** Evicts kept prefixes until `count` cells are free. False when that is not enough. */
  reserve(count: number): boolean {
    while (this.cells - this.ledger.used < count) if (!this.evictOne()) return false;
    return true;
  }

  /** Moves the kept prefix used longest ago to RAM. False when there is none. */
  evictOne(except?: Kept): boolean {
    for (const kept of this.#kept) {
      if (kept === except) continue;
      this.#save(kept);
      this.#forget(kept);
      return true;
    }
    return false;
  }

  /**
   * Moves kept prefixes to RAM before a prompt is computed. Attention looks at every cell up to the last one in use, whoever owns
   * it: on a CPU 4,000 kept cells make a prefill of 512 tokens almost half as slow again, and bringing one back takes milliseconds.
   */
  lighten(): void {
    const until = performance.now() + LIGHTEN_MS;
    for (const kept of this.#kept) {
      if (performance.now() > until) return;
      if (this.#save(kept)) this.#forget(kept);
    }
  }

  /**
   * For idle moments: the same for all but the last used prefix. That one moves to the front of the cache and is saved as well, so that it
   * can make way at once: for 512 tokens of a 0.3 B model that took 10 ms of the next prompt's time. False when all is tidy.
   */
  tidy(): boolean {
    for (const kept of [...this.#kept].slice(0, -1)) {
      if (!this.#save(kept)) continue;
      this.#forget(kept);
      return true;
    }
    const [last, another] = this.#kept;
    if (another) return false;
    if (!this.#mixed) return last !== undefined && !this.#isDispensable(last) && this.#save(last);
    this.#mixed = false;
    if (!last) this.#context.memory.clear();
    else if (this.#save(last)) this.#moveToFront(last);
    return true;
  }

  #moveToFront(kept: Kept): void {
    const state = getSequence(this.#context, kept.slot);
    this.#context.memory.clear();
    this.ledger.clear();
    if (setSequence(this.#context, kept.slot, state)) this.ledger.append(kept.slot, kept.usable);
    else this.#forget(kept);
  }

  /**
   * Takes `count` positions from `from` on out of a sequence and moves what follows up. False when there was no room to do it in:
   * the sequence is then empty and its shorter window must be computed anew.
   */
  dropRange(slot: number, from: number, count: number): boolean {
    // Positions belong to cells: shared ones would move for everybody.
    if (this.ledger.isShared(slot, from) && !this.#unshare(slot)) return false;
    const end = this.ledger.length(slot);
    this.#context.memory.remove(slot, from, from + count);
    this.#context.memory.add(slot, from + count, end, -count);
    this.ledger.remove(slot, from, from + count);
    return true;
  }

  /** Forgets everything at once, after a decode that failed. Sequences stay with their owners, empty. */
  clear(): void {
    this.#context.memory.clear();
    this.ledger.clear();
    this.#mixed = false;
    for (const kept of this.#kept) this.#free.push(kept.slot);
    this.#kept.clear();
  }

  #holders(live: Iterable<Holder>): Holder[] {
    return [...this.#kept, ...[...live].filter((one) => one.slot !== undefined)];
  }

  #restore(tokens: readonly number[], known: number): { slot: number; cached: number } | undefined {
    const stored = longestMatch(tokens, this.#store.entries(), { whole: this.#whole });
    if (!stored || stored.length < known + LEAST_RESTORED) return undefined;
    const { held: entry, length } = stored;
    if (!this.reserve(entry.tokens.length)) return undefined;
    const slot = this.#takeSlot();
    this.#store.touch(entry);
    if (!setSequence(this.#context, slot, entry.state)) {
      this.#drop(slot);
      return undefined;
    }
    this.ledger.append(slot, entry.tokens.length);
    if (length < entry.tokens.length) {
      this.#context.memory.remove(slot, length, -1);
      this.ledger.remove(slot, length);
    }
    return { slot, cached: length };
  }

  /** Gives a sequence cells of its own. False when there is no room; it is empty then. */
  #unshare(slot: number): boolean {
    const state = getSequence(this.#context, slot);
    const length = this.ledger.length(slot);
    this.empty(slot);
    if (!this.reserve(length) || !setSequence(this.#context, slot, state)) return false;
    this.ledger.append(slot, length);
    return true;
  }

  #takeSlot(except?: Kept): number {
    if (this.#free.length === 0) this.evictOne(except);
    const slot = this.#free.pop();
    // There are more slots than active requests, and the rest is free or kept.
    if (slot === undefined) throw new Error("no sequence is free");
    return slot;
  }

  /** True when the prefix may go without loss: it is in RAM, another prefix covers it, or it is too short to matter. */
  #save(kept: Kept): boolean {
    if (this.#isDispensable(kept)) return true;
    const bytes = sequenceSize(this.#context, kept.slot);
    if (!this.#store.fits(bytes)) return false;
    this.#store.save(kept.tokens, getSequence(this.#context, kept.slot));
    return true;
  }

  /** It is in RAM as well, or too short to matter. */
  #isDispensable(kept: Kept): boolean {
    return kept.usable < LEAST_RESTORED || this.#store.holds(kept.tokens);
  }

  #forget(kept: Kept): void {
    this.#kept.delete(kept);
    this.#drop(kept.slot);
  }

  #drop(slot: number): void {
    this.empty(slot);
    this.#free.push(slot);
  }

  #touch(kept: Kept): void {
    this.#kept.delete(kept);
    this.#kept.add(kept);
  }
}
