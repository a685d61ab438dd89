/** Two lists made one: by how far ahead each puts its first, and by what each list counts for. */
import { describe, expect, test } from "vitest";
import type { Found } from "../index/types.ts";
import { fuse, shareOfMeaning } from "./fuse.ts";

const list = (...scores: [number, number][]): Found[] => scores.map(([passage, score]) => ({ passage, score }));
const all = { meaning: 0.5, known: 1 };

describe("fuse", () => {
  test("what both lists have comes before what one has", () => {
    const byWords = list([1, 9], [2, 8], [3, 1]);
    const byMeaning = list([4, 0.9], [2, 0.8], [5, 0.1]);
    expect(fuse(byWords, byMeaning, all)[0]).toBe(2);
  });

  test("a first that is far ahead stays first, whatever the other list holds on its second place", () => {
    const byWords = list([1, 30], [2, 3], [3, 2]);
    const byMeaning = list([2, 0.61], [4, 0.6], [1, 0.59], [5, 0.5]);
    expect(fuse(byWords, byMeaning, { meaning: 0.3, known: 1 })[0]).toBe(1);
  });

  test("a list that counts for nothing changes no order", () => {
    const byWords = list([1, 3], [2, 2], [3, 1]);
    expect(fuse(byWords, list([3, 1], [2, 0.5]), { meaning: 0, known: 1 })).toEqual([1, 2, 3]);
    expect(fuse([], list([3, 1], [2, 0.5]), { meaning: 0.2, known: 0 })).toEqual([3, 2]);
    expect(fuse(byWords, [], all)).toEqual([1, 2, 3]);
    expect(fuse([], [], all)).toEqual([]);
  });

  test("of a query in words that the base does not know, meaning decides", () => {
    const byWords = list([1, 3], [2, 1]);
    const byMeaning = list([3, 0.9], [2, 0.2]);
    expect(fuse(byWords, byMeaning, { meaning: 0.3, known: 1 })[0]).toBe(1);
    expect(fuse(byWords, byMeaning, { meaning: 0.3, known: 0.05 })[0]).toBe(3);
  });

  test("equal ones come in the order of their ids, so that a search can be repeated", () => {
    expect(fuse(list([9, 1], [4, 1], [7, 1]), [], all)).toEqual([4, 7, 9]);
  });
});

test("meaning counts for the less the worse it finds, and for half at most", () => {
  expect(shareOfMeaning(0.9, 0.9)).toBe(0.5);
  expect(shareOfMeaning(0.5, 1)).toBe(0.5);
  expect(shareOfMeaning(1, 0.5)).toBeCloseTo(0.125);
  expect(shareOfMeaning(1, 0)).toBe(0);
  expect(shareOfMeaning(0, 0)).toBe(0);
});
