/** Signals to scores: 0 is chance, 50 what strangers reach, 100 what the right passage reaches. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { anchorsOf, scoreOf } from "./measure.ts";

const anchors = { chance: 0.2, absent: 0.4, present: 0.8 };

describe("a score", () => {
  test.each([
    [-1, 0],
    [0.2, 0],
    [0.3, 25],
    [0.4, 50],
    [0.6, 75],
    [0.8, 100],
    [1, 100],
    [Number.NaN, 0],
  ])("of %f is %f", (signal, score) => expect(scoreOf(signal, anchors)).toBeCloseTo(score));

  test("never falls as the signal rises, and stays within 0 and 100", () => {
    const double = fc.double({ min: -1, max: 1, noNaN: true });
    fc.assert(
      fc.property(double, double, (a, b) => {
        const [low, high] = [scoreOf(Math.min(a, b), anchors), scoreOf(Math.max(a, b), anchors)];
        expect(low).toBeLessThanOrEqual(high);
        expect(low).toBeGreaterThanOrEqual(0);
        expect(high).toBeLessThanOrEqual(100);
      }),
    );
  });
});

describe("anchors", () => {
  const many = (value: (i: number) => number) => Array.from({ length: 40 }, (_, i) => value(i));
  const measured = {
    chance: many((i) => i / 400),
    absent: many((i) => 0.2 + i / 400),
    present: many((i) => 0.5 + i / 400),
    ranks: [],
  };

  test("are where a random passage, nearly every stranger, and the usual right one lie", () => {
    expect(anchorsOf(measured, 0.9)).toEqual({
      chance: expect.closeTo(0.05),
      absent: expect.closeTo(0.29),
      present: expect.closeTo(0.55),
    });
  });

  test("of too few questions, or of signals that say nothing, are none", () => {
    expect(anchorsOf({ ...measured, absent: measured.absent.slice(0, 5) }, 0.9)).toBeUndefined();
    expect(anchorsOf({ ...measured, present: measured.absent }, 0.9)).toBeUndefined();
    expect(anchorsOf({ ...measured, chance: many(() => 0.9) }, 0.9)).toBeUndefined();
  });
});
