/** Log-softmax and ranking against the definition. */
import fc from "fast-check";
import { expect, it } from "vitest";
import { logprobsOf } from "./logprobs.ts";

it("gives normalised log-probabilities and the best tokens in order", () => {
  const row = fc.array(fc.float({ min: -50, max: 50, noNaN: true }), { minLength: 1, maxLength: 60 });
  fc.assert(
    fc.property(row, fc.nat(59), fc.nat(20), (values, pick, top) => {
      const logits = Float32Array.from(values);
      const chosen = pick % logits.length;
      const all = logprobsOf(logits, chosen, logits.length);
      expect(all.top.reduce((sum, one) => sum + Math.exp(one.logprob), 0)).toBeCloseTo(1, 6);
      expect(all.top.find((one) => one.token === chosen)?.logprob).toBe(all.chosen);
      const some = logprobsOf(logits, chosen, top).top;
      expect(some.map((one) => one.logprob)).toEqual(all.top.slice(0, top).map((one) => one.logprob));
    }),
  );
});

it("puts equal tokens in order of their ids, and copes with masked ones", () => {
  const row = Float32Array.of(1, Number.NEGATIVE_INFINITY, 1, 0);
  expect(logprobsOf(row, 0, 2).top.map((one) => one.token)).toEqual([0, 2]);
});
