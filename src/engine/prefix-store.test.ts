/** What the RAM store keeps. */
import { describe, expect, it } from "vitest";
import { PrefixStore } from "./prefix-store.ts";

const state = (bytes: number) => new Uint8Array(bytes);
const kept = (store: PrefixStore) => [...store.entries()].map((entry) => [...entry.tokens]);

describe("PrefixStore", () => {
  it("evicts the entry used longest ago once the budget is full", () => {
    const store = new PrefixStore(100);
    store.save([1, 2], state(40));
    store.save([3, 4], state(40));
    store.touch([...store.entries()][0]!);
    store.save([5, 6], state(40));
    expect(kept(store)).toEqual([
      [1, 2],
      [5, 6],
    ]);
    expect(store.bytes).toBe(80);
  });

  it("replaces an entry by its continuation, and knows what it has", () => {
    const store = new PrefixStore(100);
    store.save([1, 2], state(10));
    store.save([1, 2, 3], state(15));
    expect(kept(store)).toEqual([[1, 2, 3]]);
    expect(store.bytes).toBe(15);
    expect(store.holds([1, 2])).toBe(true);
    expect(store.holds([1, 2, 4])).toBe(false);
    expect([store.fits(100), store.fits(101)]).toEqual([true, false]);
  });

  it("is off with a budget of nothing", () => {
    expect(new PrefixStore(0).fits(1)).toBe(false);
  });
});
