import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { figuresOf, recallOf } from "./figures.ts";
import { differ, recommend } from "./recommend.ts";
import type { Result } from "./result.ts";

const side = (embedder: string, more: object = {}) => ({ embedder, vectors: 10, passages: 10, fault: undefined, ...more });
const ranks = (found: number, all: number) => Array.from({ length: all }, (_, i) => (i < found ? 1 : 0));
const advise = (words: number[], ranksOfA: number[], ranksOfB: number[], more: object = {}) =>
  recommend({ words, a: side("one"), b: side("two"), ranksOfA, ranksOfB, ...more });

describe("a recommendation says no more than the questions can show", () => {
  test("a clear difference", () => {
    const { use, sentence, better, worse, chance } = advise(ranks(10, 40), ranks(20, 40), ranks(36, 40));
    expect([use, better, worse]).toEqual(["b", 16, 0]);
    expect(chance).toBeCloseTo(2 * 0.5 ** 16);
    expect(sentence).toBe(
      "Use two: it puts 16 of 40 answers higher than one does, and 0 lower (R@5 50.0 % with one, 90.0 % with two, 25.0 % by words alone).",
    );
    expect(advise(ranks(10, 40), ranks(36, 40), ranks(20, 40)).use).toBe("a");
  });

  test("a difference that chance makes as well, and few questions", () => {
    const { use, sentence } = advise(ranks(2, 12), ranks(8, 12), ranks(10, 12));
    expect(use).toBe("either");
    expect(sentence).toContain("12 questions are few");
    expect(advise(ranks(30, 30), ranks(30, 30), ranks(30, 30)).use).toBe("words");
  });

  test("what could not be asked, or is not complete", () => {
    expect(advise([1], [1], [], { b: side("two", { fault: "gone" }) }).use).toBe("a");
    expect(advise([1], [], [], { a: side("one", { fault: "x" }), b: side("two", { fault: "y" }) }).use).toBe("neither");
    expect(advise([], [], []).use).toBe("neither");
    const unfinished = advise(ranks(10, 40), ranks(20, 40), ranks(36, 40), { b: side("two", { vectors: 4 }) });
    expect(unfinished.sentence).toContain("two has vectors for 4 of 10 passages only.");
  });
});

test("the sign test: of 10 tosses 8 or more on one side come 112 times of 1024", () => {
  expect(differ(ranks(0, 10), [...ranks(8, 8), -1, -1]).better).toBe(8);
  const before = [...ranks(0, 8), 1, 1];
  const now = [...ranks(8, 8), 0, 0];
  expect(differ(before, now)).toEqual({ better: 8, worse: 2, chance: 112 / 1024 });
  expect(differ([1, 0], [1, 0]).chance).toBe(1);
  // Beyond a thousand the normal distribution takes over, without a step.
  const half = (n: number, better: number) =>
    differ([...ranks(0, better), ...ranks(n - better, n - better)], [...ranks(better, better), ...ranks(0, n - better)]);
  expect(half(1002, 530).chance).toBeCloseTo(half(1000, 529).chance, 2);
});

test("figures are shares, and fall with the threshold as they must", () => {
  const result = fc.record({
    rank: fc.nat(10),
    best: fc.nat(100),
    bestWithout: fc.option(fc.nat(100), { nil: undefined }),
    isAnswerable: fc.boolean(),
  });
  fc.assert(
    fc.property(fc.array(result), fc.nat(100), (all, threshold) => {
      const results = all.map(
        ({ isAnswerable, ...one }): Result => ({
          ...one,
          ...{ question: "?", answer: undefined, first: undefined, reply: undefined, fault: undefined },
          expected: isAnswerable ? { document: "d", documentId: 1, start: 0, end: 1, quote: "q" } : undefined,
        }),
      );
      const { curve, answerable, unanswerable, at1, at5, mrr } = figuresOf(results, threshold);
      expect(answerable + unanswerable).toBe(all.length);
      expect(at1 ?? 0).toBeLessThanOrEqual(mrr ?? 0);
      expect(at1 ?? 0).toBeLessThanOrEqual(at5 ?? 0);
      for (const [i, point] of curve.entries()) {
        expect(point.answered ?? 0).toBeLessThanOrEqual(curve[i - 1]?.answered ?? 1);
        expect(point.refused ?? 1).toBeGreaterThanOrEqual(curve[i - 1]?.refused ?? 0);
      }
    }),
  );
  expect(recallOf([])).toEqual({ at1: undefined, at5: undefined, mrr: undefined });
  expect(recallOf([1, 2, 6, 0])).toEqual({ at1: 0.25, at5: 0.5, mrr: (1 + 1 / 2 + 1 / 6) / 4 });
});
