import { appendFileSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import fc from "fast-check";
import { afterAll, expect, test } from "vitest";
import { Journal, parseJournal, readJournal } from "./journal.ts";
import { Ranges } from "./ranges.ts";

const folder = mkdtempSync(path.join(os.tmpdir(), "puna-journal-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const file = path.join(folder, "parts");

test("what was noted is read back; a line that was being written is not", async () => {
  const journal = await Journal.begin(file, 100, [{ start: 0, end: 10 }], "boot");
  journal.add({ start: 20, end: 30 });
  journal.add({ start: 10, end: 15 });
  await journal.close();
  appendFileSync(file, "[40,5");
  expect([...(await readJournal(file, 100, "boot"))]).toEqual([
    { start: 0, end: 15 },
    { start: 20, end: 30 },
  ]);
  expect([...(await readJournal(file, 101, "boot"))]).toEqual([]);
  expect([...(await readJournal(path.join(folder, "none"), 100, "boot"))]).toEqual([]);
});

test("after another boot only what was flushed counts", async () => {
  const journal = await Journal.begin(file, 100, [], "boot");
  journal.add({ start: 0, end: 10 });
  let during = () => {};
  await journal.checkpoint(async () => during());
  during = () => journal.add({ start: 10, end: 20 });
  await journal.checkpoint(async () => during());
  await journal.close();
  expect((await readJournal(file, 100, "boot")).size).toBe(20);
  expect((await readJournal(file, 100, "other")).size).toBe(10);
});

test("errors come with the flush", async () => {
  const journal = await Journal.begin(file, 100, []);
  await journal.close();
  journal.add({ start: 0, end: 1 });
  await expect(journal.flush()).rejects.toThrow();
});

test("cut off anywhere, it never vouches for more than was noted", () => {
  const range = fc.tuple(fc.nat(900), fc.integer({ min: 1, max: 99 })).map(([start, size]) => ({ start, end: start + size }));
  fc.assert(
    fc.property(fc.array(range), fc.nat(), fc.boolean(), (ranges, at, sameBoot) => {
      const lines = ['{"size":1000,"boot":"b"}', ...ranges.map(({ start, end }) => `[${start},${end}]`), String(ranges.length)];
      const text = `${lines.join("\n")}\n`;
      const found = parseJournal(text.slice(0, at % (text.length + 1)), 1000, sameBoot ? "b" : "c");
      const all = new Ranges(ranges);
      for (const one of found) expect(all.missing(one)).toEqual([]);
    }),
  );
});

test("nonsense vouches for nothing, and stops what follows it", () => {
  fc.assert(fc.property(fc.string(), (text) => void parseJournal(text, 10, "b")));
  const head = '{"size":10,"boot":"b"}\n';
  for (const line of ["[5,3]", "[-1,3]", "[0,11]", "[0.5,2]", "[1]", "{}", "x"]) {
    expect(parseJournal(`${head}[0,1]\n${line}\n[1,2]\n`, 10, "b").size).toBe(1);
  }
  expect(readFileSync(file, "utf8")).toMatch(/^\{/);
});
