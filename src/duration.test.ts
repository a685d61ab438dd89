import fc from "fast-check";
import { expect, test } from "vitest";
import { formatDuration, parseDuration } from "./duration.ts";

test.each([
  ["5m", 300_000],
  ["1h30m", 5_400_000],
  ["300ms", 300],
  ["0", 0],
  ["-1s", -1000],
  ["1.5s", 1500],
  [".5s", 500],
  ["10us", 0.01],
  ["7ns", 7e-6],
])("reads %s", (text, ms) => {
  expect(parseDuration(text)).toBeCloseTo(ms, 9);
});

test.each([
  ["abc", 'time: invalid duration "abc"'],
  ["", 'time: invalid duration ""'],
  ["10", 'time: missing unit in duration "10"'],
  ["3x", 'time: unknown unit "x" in duration "3x"'],
  ["5m!", 'time: unknown unit "m!" in duration "5m!"'],
])("refuses %s in Go's words", (text, message) => {
  expect(() => parseDuration(text)).toThrow(message);
});

test.each([
  [0, "0s"],
  [0.000004, "4ns"],
  [0.0523, "52.3µs"],
  [52, "52ms"],
  [4100, "4.1s"],
  [60_000, "1m0s"],
  [3_723_000, "1h2m3s"],
  [-1500, "-1.5s"],
])("prints %d ms", (ms, text) => {
  expect(formatDuration(ms)).toBe(text);
});

test("what is printed reads back", () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 1e10 }), (ms) => {
      expect(parseDuration(formatDuration(ms))).toBeCloseTo(ms, 3);
    }),
  );
});
