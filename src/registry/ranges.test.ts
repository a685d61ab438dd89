import fc from "fast-check";
import { expect, test } from "vitest";
import { cut, Ranges } from "./ranges.ts";

const range = fc.tuple(fc.nat(60), fc.nat(60)).map(([a, b]) => ({ start: Math.min(a, b), end: Math.max(a, b) }));

test("a set of ranges holds what a set of bytes would", () => {
  fc.assert(
    fc.property(fc.array(range), range, (added, asked) => {
      const bytes = new Set(added.flatMap(({ start, end }) => Array.from({ length: end - start }, (_, i) => start + i)));
      const ranges = new Ranges(added);
      expect(ranges.size).toBe(bytes.size);
      let prefix = 0;
      while (bytes.has(prefix)) prefix++;
      expect(ranges.prefix).toBe(prefix);
      const missing = ranges.missing(asked).flatMap(({ start, end }) => Array.from({ length: end - start }, (_, i) => start + i));
      expect(missing).toEqual(
        Array.from({ length: asked.end - asked.start }, (_, i) => asked.start + i).filter((byte) => !bytes.has(byte)),
      );
      const all = [...ranges];
      expect(all.every(({ start, end }, i) => start < end && (all[i + 1]?.start ?? Number.POSITIVE_INFINITY) > end)).toBe(true);
    }),
  );
});

test("cut", () => {
  expect(
    cut(
      [
        { start: 0, end: 5 },
        { start: 9, end: 10 },
      ],
      2,
    ),
  ).toEqual([
    { start: 0, end: 2 },
    { start: 2, end: 4 },
    { start: 4, end: 5 },
    { start: 9, end: 10 },
  ]);
  expect(cut([], 3)).toEqual([]);
});
