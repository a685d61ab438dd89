import { expect, test } from "vitest";
import { breakLines } from "./break-lines.ts";
import { textWidth } from "./width.ts";

function broken(text: string, width: number): string[] {
  return breakLines(text, width).map(([start, end]) => text.slice(start, end));
}

test.each([
  ["one two three", 7, ["one two", "three"]],
  ["one two three", 100, ["one two three"]],
  ["abcdefghij", 4, ["abcd", "efgh", "ij"]],
  ["青禾书店在梧桐路", 8, ["青禾书店", "在梧桐路"]],
  ["go 青禾书店", 7, ["go 青禾", "书店"]],
  ["", 10, []],
])("%j in %d columns", (text, width, lines) => expect(broken(text, width)).toEqual(lines));

test("a closing mark hangs over the edge, and hangs alone", () => {
  expect(broken("青禾书店，在", 8)).toEqual(["青禾书店，", "在"]);
});

test("nothing is lost but blanks at the breaks", () => {
  const text =
    "The night ferry to Orrin leaves at 21:40 from the old pier；夜间渡轮从旧码头出发，单车免费。 Bicycles travel free.";
  for (let width = 2; width < 60; width += 1) {
    const lines = broken(text, width);
    expect(lines.join("").replaceAll(" ", "")).toBe(text.replaceAll(" ", ""));
    for (const line of lines) expect(textWidth(line)).toBeLessThanOrEqual(width + 2);
  }
});
