import { expect, test } from "vitest";
import { Deaths } from "./deaths.ts";

test("waits longer each time, then refuses for a while with the reason, then tries once more", () => {
  let now = 0;
  const deaths = new Deaths(() => now);
  expect(deaths.delay("m")).toBe(0);
  const delays = [1, 2, 3].map(() => {
    deaths.record("m", "boom", false);
    return deaths.delay("m");
  });
  expect(delays).toEqual([0, 500, 2000]);
  deaths.record("m", "boom", false);
  expect(() => deaths.delay("m")).toThrow(
    "the model's runner stopped 4 times in a row; it will be tried again in 60 s. The last time: boom",
  );
  expect(deaths.delay("other")).toBe(0);
  now = 60_000;
  expect(deaths.delay("m")).toBe(0);
  deaths.record("m", "boom again", false);
  expect(() => deaths.delay("m")).toThrow("boom again");
});

test("a runner that answered before it died starts a new count", () => {
  const deaths = new Deaths(() => 0);
  for (let i = 0; i < 10; i++) deaths.record("m", "boom", true);
  expect(deaths.delay("m")).toBe(0);
  deaths.forget("m");
  expect(deaths.delay("m")).toBe(0);
});
