/** What a shift keeps. */
import fc from "fast-check";
import { expect, it } from "vitest";
import { planShift } from "./window-shift.ts";

it("keeps BOS and the asked-for tokens and drops half of the rest", () => {
  expect(planShift({ window: 128, prompt: 20, keep: 4, bos: true })).toEqual({ from: 5, count: 61 });
  expect(planShift({ window: 128, prompt: 20, keep: -1, bos: true })).toEqual({ from: 20, count: 54 });
  expect(planShift({ window: 1, prompt: 1, keep: 0, bos: false })).toBeUndefined();
});

it("always makes room where there is a window to speak of", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 4, max: 5000 }),
      fc.nat(6000),
      fc.integer({ min: -1, max: 6000 }),
      fc.boolean(),
      (window, prompt, keep, bos) => {
        const plan = planShift({ window, prompt: Math.min(prompt, window), keep, bos });
        expect(plan?.count).toBeGreaterThan(0);
        expect((plan?.from ?? 0) + (plan?.count ?? 0)).toBeLessThanOrEqual(window);
      },
    ),
  );
});
