import fc from "fast-check";
import { expect, test } from "vitest";
import { parseRange } from "./range.ts";

test.each([
  [undefined, undefined],
  ["bytes=0-0", { first: 0, last: 0 }],
  ["bytes=3-", { first: 3, last: 9 }],
  ["bytes = 3 - 5", { first: 3, last: 5 }],
  ["bytes=3-100", { first: 3, last: 9 }],
  ["bytes=-4", { first: 6, last: 9 }],
  ["bytes=-100", { first: 0, last: 9 }],
  ["bytes=-0", "unsatisfiable"],
  ["bytes=10-", "unsatisfiable"],
  ["bytes=10-20", "unsatisfiable"],
  ["bytes=5-3", undefined],
  ["bytes=-", undefined],
  ["bytes=0-1,3-4", undefined],
  ["lines=0-1", undefined],
  ["bytes=99999999999999999999-", undefined],
])("%s of 10 bytes", (header, expected) => {
  expect(parseRange(header, 10)).toEqual(expected);
});

test("a span lies inside the file", () => {
  const number = fc.oneof(fc.constant(""), fc.nat(30).map(String));
  fc.assert(
    fc.property(number, number, fc.nat(20), (from, to, size) => {
      const span = parseRange(`bytes=${from}-${to}`, size);
      if (typeof span !== "object") return;
      expect(span.first).toBeGreaterThanOrEqual(0);
      expect(span.first).toBeLessThanOrEqual(span.last);
      expect(span.last).toBeLessThan(size);
    }),
  );
});
