import fc from "fast-check";
import { expect, test } from "vitest";
import { fakeModel } from "../../../test/fixtures/models.ts";
import { optionsOf } from "./options.ts";

const body = { options: {} };
const all = { maxTokens: undefined };

test("temperature and top_p are OpenAI's, the model's, the request's, and at last those of `options`", () => {
  const model = fakeModel("m", { parameters: { temperature: 0.25 } });
  expect(optionsOf(fakeModel("m"), body, all)).toMatchObject({ temperature: 1, top_p: 1 });
  expect(optionsOf(model, body, all)).toMatchObject({ temperature: 0.25, top_p: 1 });
  expect(optionsOf(model, { ...body, temperature: 0.5 }, all)).toMatchObject({ temperature: 0.5 });
  expect(optionsOf(model, { temperature: 0.5, options: { temperature: 0 } }, all)).toMatchObject({ temperature: 0 });
});

test("the model's stop strings hold besides those of the request", () => {
  const stop = (own: unknown) => optionsOf(fakeModel("m", { parameters: { stop: own } }), { ...body, stop: ["x"] }, all).stop;
  expect(stop(["a", "b"])).toEqual(["a", "b", "x"]);
  expect(stop("a")).toEqual(["a", "x"]);
  expect(stop(undefined)).toEqual(["x"]);
});

test("every choice has a seed of its own, which the engine can take", () => {
  fc.assert(
    fc.property(fc.nat(Number.MAX_SAFE_INTEGER - 128), fc.integer({ min: 2, max: 128 }), (seed, n) => {
      const seeds = Array.from(
        { length: n },
        (_, choice) => optionsOf(fakeModel("m"), { ...body, seed }, { ...all, choice }).seed,
      );
      expect(new Set(seeds).size).toBe(n);
      for (const one of seeds) expect(one).toBeLessThan(2 ** 31);
    }),
  );
  expect(optionsOf(fakeModel("m"), { ...body, seed: 7 }, all).seed).toBe(7);
  expect(optionsOf(fakeModel("m"), { ...body, seed: -1 }, { ...all, choice: 2 }).seed).toBe(-1);
});
