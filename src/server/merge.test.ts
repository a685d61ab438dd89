import fc from "fast-check";
import { expect, test } from "vitest";
import { merge } from "./merge.ts";

async function* source(name: number, length: number, ended: number[] = []): AsyncGenerator<[number, number]> {
  try {
    for (let i = 0; i < length; i++) {
      if ((name + i) % 3 === 0) await Promise.resolve();
      yield [name, i];
    }
  } finally {
    ended.push(name);
  }
}

test("every item of every source comes once, in the order of its source", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.nat(8), { maxLength: 6 }), async (lengths) => {
      const seen = lengths.map(() => 0);
      const sources = lengths.map((length, name) => source(name, length));
      for await (const [name, i] of merge(sources, () => {})) {
        expect(i).toBe(seen[name]);
        seen[name] = i + 1;
      }
      expect(seen).toEqual(lengths);
    }),
  );
});

test("a reader that leaves, and a source that fails, end all sources", async () => {
  const ended: number[] = [];
  let stops = 0;
  for await (const _ of merge([source(0, 9, ended), source(1, 9, ended)], () => stops++)) break;
  expect([stops, ended.sort()]).toEqual([1, [0, 1]]);

  async function* failing(): AsyncGenerator<[number, number]> {
    yield [2, 0];
    throw new Error("too bad");
  }
  const reading = async () => {
    for await (const _ of merge([source(3, 1e6, ended), failing()], () => stops++));
  };
  await expect(reading()).rejects.toThrow("too bad");
  expect([stops, ended]).toEqual([2, [0, 1, 3]]);
});
