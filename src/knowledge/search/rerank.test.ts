/** A reranking model in a search: its order, its scores as they are measured in the base, and what happens when it does not work. */
import { describe, expect, test } from "vitest";
import { village } from "../../../test/fixtures/village.ts";
import { shelf } from "../../../test/support/shelf.ts";
import type { Reranker } from "../reranker.ts";
import { termsOf } from "../words/analyse.ts";
import { reranked } from "./rerank.ts";
import type { Hit } from "./types.ts";

const texts = Object.fromEntries(village.map(({ name, english }) => [`${name}.txt`, english]));

/** Reads as a model would that knows one language: the share of the query's words that the text has. */
const reader: Reranker = {
  name: "reader",
  digest: "r1",
  async rank(query, texts) {
    const asked = new Set(termsOf(query));
    return texts.map((text) => {
      const has = new Set(termsOf(text));
      return 0.9 * ([...asked].filter((term) => has.has(term)).length / asked.size);
    });
  },
};
/** Likes what is about iron, whatever is asked. */
const smith: Reranker = {
  ...reader,
  digest: "s1",
  rank: async (_, texts) => texts.map((text) => (text.includes("iron") ? 0.9 : 0.1)),
};

describe("a base with a reranking model", () => {
  test("gives its order, and the search without it another", async () => {
    const base = await shelf(texts, { reranker: smith });
    const query = "Who runs the mill and closes at noon, the miller or the smith?";
    expect((await base.search(query, { limit: 3 })).hits[0]).toMatchObject({ document: "smithy.txt", relevance: 0.9 });
    const without = await base.search("When was the water mill built?", { rerank: false });
    expect(without.hits[0]).toMatchObject({ document: "mill.txt" });
    expect(without.hits[0]?.relevance).toBeUndefined();
    await base.close();
  });

  test("has scores that mean the same: measured in the base, 50 parts strangers from answers", async () => {
    const base = await shelf(texts, { reranker: reader });
    const anchors = base.store.anchorsOf(base.base, reader);
    expect(anchors).toBeDefined();
    expect(base.store.anchorsOf(base.base, smith)).toBeUndefined();
    let answered = 0;
    for (const { question, name } of village) {
      const { hits, best } = await base.search(question);
      if (hits[0]?.document === `${name}.txt` && best >= 50) answered++;
    }
    expect(answered / village.length).toBeGreaterThanOrEqual(0.9);
    expect((await base.search("What is the capital of Mongolia?")).best).toBeLessThan(50);
    await base.close();
  });

  test("reads no more than the first passages, and gives no more hits than are asked for", async () => {
    const read: number[] = [];
    const counting: Reranker = {
      ...smith,
      rank: async (query, texts) => {
        read.push(texts.length);
        return await smith.rank(query, texts);
      },
    };
    const many = Object.fromEntries(
      Array.from({ length: 40 }, (_, i) => [`${i}.txt`, `Rope number ${i} lies on shelf ${i * 7}.`]),
    );
    const base = await shelf(many, { reranker: counting });
    read.length = 0;
    expect((await base.search("Where does the rope lie?", { limit: 2 })).hits).toHaveLength(2);
    expect((await base.search("Where does the rope lie?", { limit: 30 })).hits).toHaveLength(30);
    expect(read).toEqual([20, 20]);
    await base.close();
  });

  test.each<[string, Reranker["rank"], string]>([
    ["fails", async () => Promise.reject(new Error("out of memory")), "not reranked: out of memory"],
    ["gives NaN", async (_, texts) => texts.map(() => Number.NaN), "not reranked: reader gave 0 scores for"],
    ["gives too few", async (_, texts) => texts.slice(1).map(() => 0.5), "not reranked: reader gave"],
  ])("that %s is searched without it, and says so", async (_, rank, notice) => {
    const base = await shelf(texts, { reranker: { ...reader, rank } });
    const { hits, notices, best, threshold } = await base.search("When was the water mill built?");
    expect(hits[0]?.document).toBe("mill.txt");
    expect(best).toBeGreaterThanOrEqual(threshold);
    expect(notices).toEqual([expect.stringContaining(notice)]);
    await base.close();
  });

  test("that is not there is refused as a setting", async () => {
    await expect(shelf({}, { settings: { reranker: "reader" } })).rejects.toThrow("no reranking model reader");
  });
});

test("hits that the model did not read stay behind those that it did", () => {
  const hits = ["a", "b", "c", "d"].map((document, i) => ({ document, score: 90 - i }) as Hit);
  const { hits: sorted, best } = reranked(hits, [0.1, 0.3, 0.2], undefined);
  expect(sorted.map(({ document, score }) => [document, score])).toEqual([
    ["b", 30],
    ["c", 20],
    ["a", 10],
    ["d", 87],
  ]);
  expect(best).toBe(30);
});
