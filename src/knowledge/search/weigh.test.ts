/** What words weigh in a base, and which are searched. */
import { expect, test } from "vitest";
import type { Index, WordsQuery } from "../index/types.ts";
import { weigh } from "./weigh.ts";

/** An index that knows how many passages have each word, of so many. */
const index = (counts: Record<string, number>, passages: number) =>
  ({
    countTerms: (_: number, terms: readonly WordsQuery[]) => ({
      terms: terms.map((term) => ({ ...term, passages: counts[term.term] ?? 0 })),
      passages,
    }),
  }) as unknown as Index;
const query = (...terms: string[]) => terms.map((term) => ({ term, isPrefix: false }));

test("how much of a query is known, by how telling its words are", async () => {
  const counts = index({ rare: 2, usual: 60 }, 100);
  const known = async (...words: string[]) => (await weigh(counts, 1, query(...words))).known;
  expect(await known("usual", "rare")).toBe(1);
  expect(await known("unheard")).toBe(0);
  expect(await known("usual", "unheard")).toBeLessThan(await known("rare", "unheard"));
});

test("words that are nowhere are not searched; in a large base the most frequent are not either", async () => {
  const small = await weigh(index({ rare: 2, usual: 60 }, 100), 1, query("usual", "rare", "unheard"));
  expect(small.searched.map(({ term }) => term)).toEqual(["rare", "usual"]);
  const large = await weigh(
    index({ rare: 5, other: 90, usual: 60_000, most: 80_000 }, 100_000),
    1,
    query("most", "usual", "rare", "other"),
  );
  expect(large.searched.map(({ term }) => term)).toEqual(["rare", "other"]);
});

test("of frequent words alone two are searched all the same", async () => {
  const { searched } = await weigh(
    index({ usual: 60_000, most: 80_000, all: 99_000 }, 100_000),
    1,
    query("all", "most", "usual"),
  );
  expect(searched.map(({ term }) => term)).toEqual(["usual", "most"]);
});

test("nothing asked, nothing known", async () => {
  expect(await weigh(index({}, 0), 1, [])).toMatchObject({ terms: [], searched: [], known: 0 });
});
