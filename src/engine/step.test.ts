/** What a step may and must hold. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { composeStep, PrefillRate, type Share, type Work } from "./step.ts";

const limits = { tokens: 512, budgetMs: 120, prefillRate: 0.25, leastChunk: 32, promptsTurn: false, outputs: 16 };
const decoder = (): Work => ({ pending: 1, prefilling: false, waitedSteps: 0 });
const prompt = (pending: number, waitedSteps = 0): Work => ({ pending, prefilling: true, waitedSteps });

describe("composeStep", () => {
  it("gives a lone prompt the whole step, and a short chunk beside answers", () => {
    expect(composeStep([prompt(2000)], limits)).toMatchObject([{ count: 512 }]);
    expect(composeStep([prompt(2000), decoder()], { ...limits, prefillRate: 0.38 }).map((share) => share.count)).toEqual([1, 32]);
    expect(composeStep([prompt(20), decoder()], limits).map((share) => share.count)).toEqual([1, 20]);
    expect(composeStep([prompt(2000), decoder()], { ...limits, prefillRate: undefined }).at(-1)?.count).toBe(32);
  });

  it("lets answers and long chunks take turns", () => {
    const [a, b] = [prompt(2000), decoder()];
    const fast = { ...limits, prefillRate: 0.85 };
    expect(composeStep([a, b], fast)).toEqual([{ work: b, count: 1 }]);
    expect(composeStep([a, b], { ...fast, promptsTurn: true })).toEqual([{ work: a, count: 96 }]);
    expect(composeStep([a, b], { ...fast, promptsTurn: true, prefillRate: 100 })).toEqual([{ work: a, count: 512 }]);
    // All that is left need not be a round number.
    expect(composeStep([prompt(70), b], { ...fast, promptsTurn: true })).toMatchObject([{ count: 70 }]);
  });

  it("passes the rest of a chunk on, and serves the longest-waiting prompt first", () => {
    const [a, b, c] = [prompt(20, 1), prompt(2000, 3), prompt(300, 2)];
    expect(composeStep([a, b, c], limits)).toEqual([{ work: b, count: 512 }]);
    expect([a.waitedSteps, b.waitedSteps, c.waitedSteps]).toEqual([2, 0, 3]);
    expect(composeStep([a, b, c], limits)).toEqual([
      { work: c, count: 300 },
      { work: a, count: 20 },
      { work: b, count: 192 },
    ]);
  });

  it("gives prompts that are scored the places for logits that others leave", () => {
    const scored = (pending: number): Work => ({ ...prompt(pending), scored: true });
    const counts = (works: Work[]) => composeStep(works, limits).map((share) => share.count);
    expect(counts([scored(2000)])).toEqual([16]);
    expect(counts([decoder(), scored(2000), decoder(), prompt(15)])).toEqual([1, 1, 13, 15]);
    expect(counts([scored(10), scored(2000)])).toEqual([10, 6]);
  });

  it("never exceeds the step, answers at every second step at least, and starves nobody", () => {
    const work = fc.record({ pending: fc.integer({ min: 1, max: 900 }), prefilling: fc.boolean(), scored: fc.boolean() });
    const works = fc.array(work, { minLength: 1, maxLength: 8 });
    fc.assert(
      fc.property(works, fc.double({ min: 0.01, max: 10, noNaN: true }), (list, prefillRate) => {
        const all = list.map((one) => ({ ...one, pending: one.prefilling ? one.pending : 1, waitedSteps: 0 }));
        const done = new Set<Work>();
        let promptsTurn = false;
        for (let step = 0; step < 2000 && done.size < all.length; step++) {
          const shares: Share<Work>[] = composeStep(
            all.filter((one) => !one.prefilling || one.pending > 0),
            { ...limits, prefillRate, promptsTurn },
          );
          const wasPromptsTurn = promptsTurn;
          promptsTurn = !shares.some(({ work }) => work.prefilling);
          expect(shares.reduce((sum, share) => sum + share.count, 0)).toBeLessThanOrEqual(limits.tokens);
          const outputs = shares.reduce((sum, share) => sum + (share.work.scored ? share.count : 1), 0);
          expect(outputs).toBeLessThanOrEqual(limits.outputs);
          const isOwnTurn = wasPromptsTurn && shares.every(({ work }) => work.prefilling);
          if (!isOwnTurn)
            for (const one of all) if (!one.prefilling) expect(shares.some((share) => share.work === one)).toBe(true);
          for (const share of shares) {
            done.add(share.work);
            if (share.work.prefilling) (share.work as { pending: number }).pending -= share.count;
          }
        }
        expect(done.size).toBe(all.length);
      }),
    );
  });
});

describe("PrefillRate", () => {
  it("follows real chunks and ignores single tokens", () => {
    const rate = new PrefillRate();
    rate.observe(1, 30);
    expect(rate.value).toBeUndefined();
    for (let i = 0; i < 30; i++) rate.observe(512, 1024);
    expect(rate.value).toBeCloseTo(0.5);
  });
});
