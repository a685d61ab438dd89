/** Hits of several searches for one question, made one list. */
import { expect, test } from "vitest";
import { fuseHits } from "./fuse-hits.ts";
import type { Hit } from "./sources.ts";

const hit = (documentId: number, score: number): Hit => ({
  ...{ document: `${documentId}.md`, documentId, start: 0, end: 5, text: "words", headings: [], score },
});

test("what both found comes first, each passage once, with the best of its scores", () => {
  const fused = fuseHits([
    [hit(1, 80), hit(2, 40)],
    [hit(3, 90), hit(2, 70)],
  ]);
  expect(fused.map(({ documentId, score }) => [documentId, score])).toEqual([
    [2, 70],
    [3, 90],
    [1, 80],
  ]);
});

test("one list stays as it is", () => {
  const hits = [hit(1, 50), hit(2, 80), hit(3, 10)];
  expect(fuseHits([hits])).toEqual(hits);
  expect(fuseHits([])).toEqual([]);
});
