import { expect, test } from "vitest";
import { localTime, nowUtc } from "./time.ts";

test("now, with nanoseconds, never backwards", () => {
  let last = "";
  for (let i = 0; i < 1000; i++) {
    const now = nowUtc();
    expect(now).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z$/);
    expect(now >= last).toBe(true);
    last = now;
  }
  expect(Math.abs(Date.parse(last) - Date.now())).toBeLessThan(60_000);
});

test("local time is the same moment", () => {
  const date = new Date("2026-11-20T21:00:00.123Z");
  expect(localTime(date)).toMatch(/\.123000000(Z|[+-]\d\d:\d\d)$/);
  expect(Date.parse(localTime(date))).toBe(date.getTime());
});
