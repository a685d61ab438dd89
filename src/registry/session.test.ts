import { expect, test } from "vitest";
import { retryAfter } from "./session.ts";

const now = Date.parse("2026-11-24T12:00:00Z");

test.each([
  ["3", 3000],
  [" 0 ", 0],
  ["Tue, 24 Nov 2026 12:00:05 GMT", 5000],
  ["Tue, 24 Nov 2026 11:00:00 GMT", 0],
  ["soon", undefined],
  [undefined, undefined],
])("Retry-After: %s", (header, ms) => expect(retryAfter(header, now)).toBe(ms));
