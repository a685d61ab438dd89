/** Which passages say the same. */
import { describe, expect, test } from "vitest";
import type { StoredPassage } from "../rows/passages.ts";
import { saySame, termsIn } from "./match.ts";

const stored = (text: string, more: Partial<StoredPassage> = {}): StoredPassage => ({
  ...{ id: 1, document: 1, name: "a.txt", title: "", start: 0, end: text.length, page: undefined },
  ...{ kind: "paragraph", symbol: undefined, headings: [], tokens: 0, text },
  ...more,
});
const terms = (text: string) => termsIn(stored(text));

test("title, headings and the header of a table count as words of a passage", () => {
  const terms = termsIn(stored("12 mm", { title: "Weather", headings: ["2024", "Rain"], headerRow: "day | rainfall" }));
  expect([...terms.keys()]).toEqual(expect.arrayContaining(["weather", "2024", "rain", "rainfall", "12", "mm"]));
});

describe("passages that say the same", () => {
  const report =
    "The water board reports that the reservoir above the village was full in every month of the year, that no leak was found in the dam, and that the valves were greased.";

  test.each([
    ["a copy", report],
    ["other spaces and capitals", report.toUpperCase().replaceAll(" ", "  ")],
    ["a word more", `${report} Signed.`],
  ])("%s", (_, other) => expect(saySame(terms(report), terms(other))).toBe(true));

  test.each([
    ["a part of it", report.slice(0, 90)],
    [
      "another subject",
      report.replace("water", "gas").replace("reservoir", "tank").replace("dam", "pipes").replace("leak", "hole"),
    ],
    ["other numbers", `${report} Rain: 812 mm.`],
  ])("but not %s", (_, other) => expect(saySame(terms(report), terms(other))).toBe(false));

  test("last year's report is another text", () => {
    const of = (year: number) => terms(`${report} Year ${year}.`);
    expect(saySame(of(2024), of(2025))).toBe(false);
    expect(saySame(of(2024), of(2024))).toBe(true);
  });
});
