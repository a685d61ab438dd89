import { expect, test } from "vitest";
import { matchedSpans } from "./matched.ts";

test.each([
  ["The night ferry leaves at 21:40.", "When does the ferry leave?", ["ferry", "leaves"]],
  ["Bicycles travel free of charge.", "bicycle", ["Bicycles"]],
  ["Die Straße nach Zürich", "zurich", ["Zürich"]],
  ["青禾书店在梧桐路18号，周一休息。", "青禾书店在哪里", ["青禾书店在"]],
  ["书店的老板叫沈若水。", "老板是谁", ["老板"]],
  ["Version 7 is out", "7", ["7"]],
  ["the of and", "the of and", []],
  ["什么都没有", "什么", []],
  ["", "x", []],
])("%s by %s", (text, query, marked) => {
  expect(matchedSpans(text, query).map(([start, end]) => text.slice(start, end))).toEqual(marked);
});
