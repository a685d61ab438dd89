/** Percentiles of a ring. */
import { expect, it } from "vitest";
import { StepTimes } from "./step-times.ts";

it("gives nearest-rank percentiles of the last steps", () => {
  const times = new StepTimes(100);
  expect(times.percentiles(0.5, 0.99)).toEqual([0, 0]);
  for (let i = 1000; i > 0; i--) times.record(i);
  expect(times.percentiles(0.5, 0.99, 1)).toEqual([50, 99, 100]);
  expect(times.count).toBe(1000);
});
