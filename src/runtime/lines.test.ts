import fc from "fast-check";
import { expect, test } from "vitest";
import { lineSplitter } from "./lines.ts";

test("lines come out whole however the bytes are cut", () => {
  fc.assert(
    fc.property(
      fc.array(fc.string({ unit: "grapheme" }).map((s) => s.replace(/\n/g, " "))),
      fc.integer({ min: 1, max: 9 }),
      (lines, step) => {
        const seen: string[] = [];
        const push = lineSplitter((line) => seen.push(line));
        const bytes = Buffer.from(lines.map((line) => `${line}\n`).join(""));
        for (let i = 0; i < bytes.length; i += step) push(bytes.subarray(i, i + step));
        expect(seen).toEqual(lines.filter((line) => line !== ""));
      },
    ),
  );
});

test("an unfinished line is kept back", () => {
  const seen: string[] = [];
  const push = lineSplitter((line) => seen.push(line));
  push(Buffer.from("a\nb"));
  expect(seen).toEqual(["a"]);
  push(Buffer.from("c\n"));
  expect(seen).toEqual(["a", "bc"]);
});
