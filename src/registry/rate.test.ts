import { expect, test } from "vitest";
import { RateLimit } from "./rate.ts";

test("all who take share one rate, and idle time earns no burst", async () => {
  const waits: number[] = [];
  let now = 1000;
  const limit = new RateLimit({ bytesPerSecond: 1000 }, { now: () => now, wait: async (ms) => void waits.push(Math.round(ms)) });
  const { signal } = new AbortController();
  await limit.take(100, signal);
  await limit.take(500, signal);
  await limit.take(500, signal);
  now = 60_000;
  await limit.take(100, signal);
  await limit.take(1000, signal);
  expect(waits).toEqual([500, 1000, 1000]);
  await new RateLimit({ bytesPerSecond: undefined }).take(1e12, signal);
});
