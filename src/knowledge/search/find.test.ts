/** Search through the whole import: in both languages, by words and by meaning, with filters, copies folded, strangers told apart. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { strangers, village } from "../../../test/fixtures/village.ts";
import { type Shelf, shelf } from "../../../test/support/shelf.ts";
import type { Embedder } from "../embedder.ts";
import { termsOf } from "../words/analyse.ts";

const english = Object.fromEntries(village.map(({ name, english }) => [`en/${name}.txt`, english]));
const chinese = Object.fromEntries(village.map(({ name, chinese }) => [`zh/${name}.txt`, chinese]));

describe.each([
  ["English", english, "question", "english"] as const,
  ["Chinese", chinese, "chineseQuestion", "chinese"] as const,
])("a base in %s", (_, texts, asked, foreign) => {
  let base: Shelf;
  beforeAll(async () => {
    base = await shelf(texts);
  });
  afterAll(() => base.close());

  test("puts the place that answers first, and scores it as an answer", async () => {
    for (const place of village) {
      const { hits, best, threshold } = await base.search(place[asked]);
      expect([place.name, hits[0]?.document]).toEqual([place.name, `${place.name}.txt`]);
      expect([place.name, best >= threshold]).toEqual([place.name, true]);
    }
  });

  test("scores what it knows nothing of below the threshold", async () => {
    const answered: string[] = [];
    for (const question of strangers) {
      const { best, threshold } = await base.search(question[foreign]);
      if (best >= threshold) answered.push(question[foreign]);
    }
    expect(answered).toEqual([]);
  });

  test("without the document that answers, most questions fall below the threshold", async () => {
    let refused = 0;
    for (const place of village) {
      const documents = village.filter(({ name }) => name !== place.name).map(({ name }) => base.id(`${name}.txt`));
      const { best, threshold } = await base.search(place[asked], { filters: { documents } });
      if (best < threshold) refused++;
    }
    expect(refused).toBeGreaterThanOrEqual(village.length * 0.85);
  });

  test("a sentence of its own scores 100 or near it, and its place is exact", async () => {
    const text = Object.values(texts)[3] ?? "";
    const sentence = /^.*?[.。]/.exec(text)?.[0] ?? "";
    const { hits } = await base.search(sentence);
    expect(hits[0]?.score).toBeGreaterThan(90);
    const { documentId = 0, start, end, text: found } = hits[0] ?? {};
    expect(base.store.text(base.base, documentId).text.slice(start, end)).toBe(found);
    expect(found).toContain(sentence);
  });
});

describe("both languages in one base", () => {
  let base: Shelf;
  beforeAll(async () => {
    base = await shelf({ ...english, ...chinese });
  });
  afterAll(() => base.close());

  test("each question finds its own language's document", async () => {
    for (const { question, chineseQuestion, name } of village) {
      expect((await base.search(question)).hits[0]?.document).toBe(`${name}.txt`);
      const { hits } = await base.search(chineseQuestion);
      expect(hits[0]?.text).toMatch(/\p{sc=Han}/u);
    }
  });

  test("a language as a filter leaves the other out", async () => {
    const { hits } = await base.search("mill 水磨坊", { filters: { languages: ["zh"] } });
    expect(hits.length).toBeGreaterThan(0);
    for (const { text } of hits) expect(text).toMatch(/\p{sc=Han}/u);
    expect((await base.search("mill", { filters: { languages: ["fr"] } })).hits).toEqual([]);
  });
});

describe("filters", () => {
  const ale = "The brewery sells its dark ale in stone bottles.";
  let base: Shelf;
  beforeAll(async () => {
    base = await shelf({});
    await base.add(
      { "trade/2024/ale.txt": `${ale} A bottle is two coins.`, "trade/2025/ale.txt": `${ale} A bottle is three coins now.` },
      { "trade/2024/ale.txt": new Date("2024-03-01"), "trade/2025/ale.txt": new Date("2025-03-01") },
    );
    await base.add({ "trader/ale.txt": "A trader took forty bottles of dark ale from the brewery over the pass." });
  });
  afterAll(() => base.close());
  const places = async (filters: object) =>
    (await base.search("dark ale of the brewery", { filters })).hits.map(
      ({ documentId }) => base.store.document(base.base, documentId).places[0],
    );

  test("by folder, and by the folder alone: not by the beginning of its name", async () => {
    expect((await places({})).sort()).toEqual(["trade/2024/ale.txt", "trade/2025/ale.txt", "trader/ale.txt"]);
    expect((await places({ folder: "trade" })).sort()).toEqual(["trade/2024/ale.txt", "trade/2025/ale.txt"]);
    expect(await places({ folder: "trade/2025/" })).toEqual(["trade/2025/ale.txt"]);
    expect(await places({ folder: "trad" })).toEqual([]);
  });

  test("by date, both ends included", async () => {
    expect(await places({ until: Date.parse("2024-03-01") })).toEqual(["trade/2024/ale.txt"]);
    expect(await places({ since: Date.parse("2024-03-02"), until: Date.parse("2025-03-01") })).toEqual(["trade/2025/ale.txt"]);
  });

  test("by document, together with others", async () => {
    const documents = base.store.documents(base.base).map(({ id }) => id);
    expect(await places({ documents: documents.slice(0, 1) })).toEqual(["trade/2024/ale.txt"]);
    expect(await places({ documents, folder: "trader" })).toEqual(["trader/ale.txt"]);
    expect(await places({ documents: [] })).toEqual([]);
  });
});

test("copies are one hit, which names the other places; a text with other numbers is another text", async () => {
  const rule =
    "Boats longer than nine metres must not moor at the stone jetty between sunset and sunrise, and pay four coins a day.";
  const base = await shelf({
    "a.txt": rule,
    "b.txt": `${rule}\n`,
    "c.txt": `${rule.replace("four", "4")} `,
    "d.txt": rule.replace("nine", "12"),
    "e.txt": "The jetty is painted green.",
  });
  const { hits } = await base.search("May boats moor at the stone jetty?", { limit: 3 });
  expect(hits[0]?.document).toBe("a.txt");
  expect(hits[0]?.alsoAt.map(({ document }) => document)).toEqual(["b.txt"]);
  expect(hits.map(({ document }) => document)).toEqual(["a.txt", "c.txt", "d.txt"]);
  await base.close();
});

describe("with an embedder", () => {
  /** Words of both languages by what they mean: it knows nothing else, so what it finds across languages it finds by this. */
  const meanings = [
    "ferry 渡船",
    "bridge 石桥",
    "library reading librarian 图书",
    "mill 磨坊",
    "school 学校 学生",
    "honey bees 蜂 石南",
  ].map((words) => new Set(termsOf(words)));
  const embed = (text: string): Float32Array => {
    const terms = termsOf(text);
    return Float32Array.from([0.01, ...meanings.map((words) => terms.filter((term) => words.has(term)).length)]);
  };
  const bilingual: Embedder = {
    name: "bilingual",
    digest: "b1",
    embed: async (texts) => texts.map(embed),
  };

  test("a question finds what it means in the other language", async () => {
    const base = await shelf(english, { embedder: bilingual });
    const first = async (query: string) => (await base.search(query)).hits[0]?.document;
    expect(await first("渡船什么时候开？")).toBe("ferry.txt");
    expect(await first("石南蜜")).toBe("apiary.txt");
    expect((await base.search("渡船什么时候开？", { space: null })).hits).toEqual([]);
    await base.close();
  });

  test("a passage that it cannot embed is found by its words, and a search without it says so", async () => {
    let isBroken = false;
    const flawed: Embedder = {
      ...bilingual,
      embed: async (texts) => {
        if (isBroken) throw new Error("no more of this");
        return texts.map((text) => (text.includes("weir") ? new Float32Array(7).fill(Number.NaN) : embed(text)));
      },
    };
    const base = await shelf(english, { embedder: flawed });
    const [space] = await base.store.spaces(base.base);
    expect(space).toMatchObject({ faults: 1, vectors: village.length - 1 });
    expect((await base.search("When was the water mill built?")).hits[0]?.document).toBe("mill.txt");
    isBroken = true;
    const { hits, notices } = await base.search("How many passengers does the ferry carry?");
    expect(hits[0]?.document).toBe("ferry.txt");
    expect(notices).toEqual(["searched by words alone: no more of this"]);
    await base.close();
  });

  test("one that says nothing takes nothing away from what words find", async () => {
    let seed = 1;
    const random: Embedder = {
      name: "noise",
      digest: "n1",
      embed: async (texts) =>
        texts.map(() => Float32Array.from({ length: 16 }, () => (Math.sin(seed++ * 12.9898) * 43758.5453) % 1)),
    };
    const base = await shelf(english, { embedder: random });
    for (const { question, name } of village) expect((await base.search(question)).hits[0]?.document).toBe(`${name}.txt`);
    await base.close();
  });
});

test("what cannot be asked is refused", async () => {
  const base = await shelf({ "a.txt": "One." });
  await expect(base.search("  ")).rejects.toThrow("there is nothing to search for");
  await expect(base.search("one", { limit: 0 })).rejects.toThrow("limit is 0; it must be a whole number from 1 to 100");
  for (const query of ['"', "NOT one OR (", "?", "😀", "\u0000", "a".repeat(100_000), "\ud800"]) await base.search(query);
  await base.close();
});
