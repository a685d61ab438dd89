import { expect, test } from "vitest";
import { goFloat, humanBytes, humanCount, humanDuration, humanTime } from "./human.ts";

test.each([
  [0, "0 B"],
  [512, "512 B"],
  [1000, "1 KB"],
  [1024, "1.0 KB"],
  [1500, "1.5 KB"],
  [9_999, "10.0 KB"],
  [10_500, "10 KB"],
  [397_821_319, "397 MB"],
  [4_683_087_332, "4.7 GB"],
  [2e12, "2 TB"],
  [5e15, "5000 TB"],
])("%d bytes are %s", (bytes, text) => expect(humanBytes(bytes)).toBe(text));

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
test.each([
  [999, "Less than a second"],
  [1000, "1 second"],
  [59_000, "59 seconds"],
  [60_000, "About a minute"],
  [2 * MINUTE, "2 minutes"],
  [59 * MINUTE + 59_000, "59 minutes"],
  [HOUR, "About an hour"],
  [1.5 * HOUR, "2 hours"],
  [47 * HOUR, "47 hours"],
  [48 * HOUR, "2 days"],
  [13 * DAY, "13 days"],
  [14 * DAY, "2 weeks"],
  [59 * DAY, "8 weeks"],
  [60 * DAY, "2 months"],
  [729 * DAY, "24 months"],
  [730 * DAY, "2 years"],
])("%d ms are %s", (ms, text) => expect(humanDuration(ms)).toBe(text));

test("times", () => {
  const now = new Date("2026-11-20T12:00:00Z");
  const at = (time: string | undefined) => humanTime(time, { now, never: "Never" });
  expect(at("2026-11-20T11:55:00.123456789Z")).toBe("4 minutes ago");
  expect(at("2026-11-20T13:05:00+01:00")).toBe("5 minutes from now");
  expect(at("2318-03-02T00:00:00Z")).toBe("Forever");
  expect(at("0001-01-01T00:00:00Z")).toBe("Never");
  expect(at(undefined)).toBe("Never");
});

test.each([
  [0, "0"],
  [1000, "1000"],
  [131_072, "131072"],
  [1_048_576, "1.048576e+06"],
  [8e9, "8e+09"],
  [0.5, "0.5"],
  [0.00001, "1e-05"],
  [-3.25, "-3.25"],
])("%d as a Go float", (value, text) => expect(goFloat(value)).toBe(text));

test.each([
  [7e9, "7B"],
  [8_030_261_248, "8.0B"],
  [133_700_000, "133.70M"],
  [260_032, "260K"],
  [12, "12"],
])("%d parameters", (count, text) => expect(humanCount(count)).toBe(text));
