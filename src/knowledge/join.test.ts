/** Passages of one document that touch are read once, as one. */
import { expect, test } from "vitest";
import { joinTouching } from "./join.ts";
import type { Source } from "./sources.ts";

const text = "One sentence.\n\nTwo sentences. And three.\n\n\n\n\n\nFour far away.";
const document = {
  documentId: 1,
  document: "a.md",
  text,
  pages: [
    { start: 0, page: 1 },
    { start: 30, page: 2 },
  ],
};
const source = (start: number, end: number, more: Partial<Source> = {}): Source => ({
  ...{
    number: 0,
    document: "a.md",
    documentId: 1,
    headings: [],
    start,
    end,
    text: text.slice(start, end),
    whole: false,
    score: start,
  },
  ...more,
});

test("neighbours and overlaps become one, which is a slice of the text and has the best score", () => {
  const joined = joinTouching([source(15, 40), source(0, 13), source(30, 40)], document);
  expect(joined).toMatchObject([{ start: 0, end: 40, text: text.slice(0, 40), score: 30, page: 1 }]);
});

test("what lies further away stays apart, in the order of the document", () => {
  const joined = joinTouching([source(46, 60), source(0, 13)], document);
  expect(joined.map(({ start, end }) => [start, end])).toEqual([
    [0, 13],
    [46, 60],
  ]);
});

test("with text between them they stay apart, and so does what was written in another way for the model", () => {
  expect(joinTouching([source(0, 10), source(13, 40)], document)).toHaveLength(2);
  expect(joinTouching([source(0, 13, { plain: "One  sentence." }), source(15, 40)], document)).toHaveLength(2);
  expect(joinTouching([source(0, 13), source(15, 40, { header: "a | b" })], document)).toHaveLength(2);
});
