import fc from "fast-check";
import { expect, test } from "vitest";
import { largest } from "./largest.ts";
import { VectorScan } from "./scan.ts";

const DIMENSIONS = 96;
const VECTORS = 6000;
const LIMIT = 10;

test("among many vectors nearly all of the nearest are found, wherever the middle of them lies", () => {
  for (const offset of [0, 1.5]) {
    const random = generator(7);
    const clusters = Array.from({ length: 60 }, () => gaussian(random));
    const make = () => {
      const cluster = clusters[Math.floor(random() * clusters.length)] ?? [];
      return unit(gaussian(random).map((value, i) => value * 0.7 + (cluster[i] ?? 0) + offset));
    };
    const vectors = Array.from({ length: VECTORS }, make);
    const scan = new VectorScan(DIMENSIONS, vectors.slice(0, 500));
    for (const [passage, vector] of vectors.entries()) scan.put(passage, passage % 7, vector);
    let found = 0;
    const queries = Array.from({ length: 40 }, make);
    for (const query of queries) {
      const exact = vectors.map((vector, passage) => ({ passage, score: dot(query, vector) }));
      const best = new Set(
        exact
          .sort((a, b) => b.score - a.score)
          .slice(0, LIMIT)
          .map(({ passage }) => passage),
      );
      found += scan.nearest(query, 3 * LIMIT).filter(({ passage }) => best.has(passage)).length;
    }
    expect(found / (queries.length * LIMIT)).toBeGreaterThan(0.995);
  }
});

test("those of some documents are searched without the others, and what went is not found", () => {
  const random = generator(3);
  const vectors = Array.from({ length: 3000 }, () => unit(gaussian(random)));
  const scan = new VectorScan(DIMENSIONS, vectors.slice(0, 50), 10);
  for (const [passage, vector] of vectors.entries()) scan.put(passage, passage % 3, vector);
  const query = unit(gaussian(random));
  expect(scan.nearest(query, 2500, new Set([1])).every(({ passage }) => passage % 3 === 1)).toBe(true);
  scan.removeWhere((passage) => passage !== 5 && passage !== 2999);
  expect(scan.size).toBe(2);
  expect(
    scan
      .nearest(query, 9)
      .map(({ passage }) => passage)
      .sort(),
  ).toEqual([2999, 5]);
  expect(scan.nearest(query, 9, new Set())).toEqual([]);
});

test("the largest of any numbers, as by sorting", () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 })), fc.nat({ max: 40 }), (numbers, most) => {
      const list = Int32Array.from(numbers);
      const found = [...largest(list, most)];
      expect(new Set(found).size).toBe(found.length);
      expect(found).toHaveLength(Math.min(most, numbers.length));
      // Within one of the ranges that are counted they may change places.
      const range = (Math.max(...numbers) - Math.min(...numbers)) / 2048;
      const sorted = [...numbers].sort((a, b) => b - a);
      const chosen = found.map((place) => list[place] ?? 0).sort((a, b) => b - a);
      for (const [i, number] of chosen.entries()) expect((sorted[i] ?? 0) - number).toBeLessThanOrEqual(range + 1);
    }),
  );
});

function dot(a: Float32Array, b: Float32Array): number {
  return a.reduce((sum, value, i) => sum + value * (b[i] ?? 0), 0);
}

function gaussian(random: () => number): number[] {
  return Array.from({ length: DIMENSIONS }, () => random() + random() + random() + random() - 2);
}

function unit(values: readonly number[]): Float32Array {
  const length = Math.hypot(...values);
  return Float32Array.from(values, (value) => value / length);
}

function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}
