/** What every index must do, whatever database it is in. Each implementation runs this suite. */
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Found, WordsQuery } from "../../src/knowledge/index/types.ts";
import { snapshot, transaction } from "../../src/knowledge/transaction.ts";
import { IndexBench, type OpenIndex } from "./index-bench.ts";

export interface ContractOptions {
  /** It writes in the transaction of the database that holds the documents. */
  isTransactional: boolean;
  /** It has a place for vectors. */
  hasVectors?: boolean;
  /** How many cases of what is tried at random. */
  runs?: number;
}

const VOCABULARY = "llama wool hill grass snow 羊驼 驼毛 毛衣 node.js c++ c# kb_words é größe a1 42 3.5 x".split(" ");
const any = (term: string): WordsQuery => ({ term, isPrefix: false });

export function indexContract(name: string, open: OpenIndex, options: ContractOptions): void {
  const { isTransactional, hasVectors = true, runs = 60 } = options;
  let bench: IndexBench;
  beforeEach(async () => {
    bench = await IndexBench.start(open);
  });
  afterEach(async () => await bench.close());

  describe(`${name}: words`, () => {
    const field = fc.array(fc.constantFrom(...VOCABULARY), { maxLength: 12 }).map((terms) => terms.join(" "));
    const words = fc.record({ title: field, headings: field, body: field });
    const change = fc.oneof(
      { weight: 3, arbitrary: fc.record({ kind: fc.constant("add" as const), passages: fc.array(words, { maxLength: 5 }) }) },
      fc.record({ kind: fc.constant("replace" as const), at: fc.nat(), words }),
      fc.record({ kind: fc.constant("remove" as const), at: fc.nat() }),
    );
    const query = fc.record({
      terms: fc.uniqueArray(fc.constantFrom(...VOCABULARY, "absent"), { minLength: 1, maxLength: 6 }),
      isPrefix: fc.boolean(),
      limit: fc.integer({ min: 1, max: 20 }),
      documents: fc.option(fc.array(fc.nat(), { maxLength: 4 }), { nil: undefined }),
    });

    it("are ranked by BM25 over what is there now, after any changes, and within some documents", async () => {
      await fc.assert(
        fc.asyncProperty(
          fc.array(change, { minLength: 1, maxLength: 12 }),
          fc.array(query, { minLength: 1, maxLength: 4 }),
          async (changes, queries) => {
            const base = bench.base();
            const plain = bench.plain(base);
            const documents: number[] = [];
            for (const one of changes) {
              const replaced = [...plain.words.values()][one.kind === "replace" ? one.at % Math.max(plain.words.size, 1) : -1];
              if (one.kind === "add") documents.push((await bench.add(base, one.passages)).document);
              else if (one.kind === "replace" && replaced) await bench.put(base, [{ ...replaced, ...one.words }]);
              else if (one.kind === "remove" && documents.length > 0) {
                const [document] = documents.splice(one.at % documents.length, 1);
                if (document !== undefined) await bench.removeDocument(base, document);
              }
            }
            for (const { terms, isPrefix, limit, documents: chosen } of queries) {
              const asked = terms.map((term) => ({ term, isPrefix }));
              const among = chosen?.map((at) => documents[at % Math.max(documents.length, 1)] ?? 0);
              const restriction = { limit, documents: among };
              const found = await bench.index.byWords(base, asked, restriction);
              expectSame(found, plain.byWords(asked, restriction), plain.byWords(asked, { ...restriction, limit: 1e9 }));
              const counted = await bench.index.countTerms(base, asked);
              expect(counted.passages).toBe(plain.words.size);
              for (const [i, { passages }] of counted.terms.entries()) {
                const exact = plain.countTerm(asked[i] ?? any(""));
                // Of a beginning it may say more: all that there are, at most.
                if (isPrefix) expect(passages).toBeGreaterThanOrEqual(exact);
                else expect(Math.abs(passages - exact)).toBeLessThanOrEqual(plain.words.size * 0.05);
                expect(passages).toBeLessThanOrEqual(plain.words.size);
              }
            }
          },
        ),
        { numRuns: runs },
      );
    });

    it("of one base count for nothing in another", async () => {
      const [one, other] = [bench.base(), bench.base()];
      await bench.add(one, [{ body: "llama" }, { body: "wool" }, { body: "hill" }]);
      await bench.add(
        other,
        Array.from({ length: 9 }, () => ({ body: "llama grass" })),
      );
      const expected = bench.plain(one).byWords([any("llama")], { limit: 9 });
      expectSame(await bench.index.byWords(one, [any("llama")], { limit: 9 }), expected, expected);
      expect(await bench.index.byWords(one, [any("grass")], { limit: 9 })).toEqual([]);
      await bench.index.dropWords(other);
      expect(await bench.index.byWords(other, [any("llama")], { limit: 9 })).toEqual([]);
      expect(await bench.index.byWords(one, [any("llama")], { limit: 9 })).toHaveLength(1);
    });

    it("can be asked for before there are any, and after all are gone", async () => {
      const base = bench.base();
      const nothing = async () => {
        expect(await bench.index.byWords(base, [any("llama")], { limit: 5 })).toEqual([]);
        expect(await bench.index.countTerms(base, [any("llama")])).toEqual({
          terms: [{ ...any("llama"), passages: 0 }],
          passages: 0,
        });
        await bench.index.remove(base, [123]);
        await bench.index.addWords(base, []);
      };
      await nothing();
      const { document } = await bench.add(base, [{ body: "llama" }]);
      expect(await bench.index.byWords(base, [], { limit: 5 })).toEqual([]);
      await bench.removeDocument(base, document);
      await nothing();
      await bench.index.dropWords(base);
      await nothing();
    });

    it("may be many in one question", async () => {
      const base = bench.base();
      const { passages } = await bench.add(base, [{ body: "t7 wool" }, { body: "hill" }, { body: "t1999 t7 snow" }]);
      const many = Array.from({ length: 2000 }, (_, i) => any(`t${i}`));
      const found = await bench.index.byWords(base, many, { limit: 9 });
      expect(found.map(({ passage }) => passage)).toEqual([passages[2], passages[0]]);
    });
  });

  describe.runIf(hasVectors)(`${name}: vectors`, () => {
    it.each([1, 7, 8, 160, 384])("of %i dimensions are found as by looking at each, after any changes", async (dimensions) => {
      const random = generator(dimensions);
      const [base, other] = [bench.base(), bench.base()];
      const space = 1;
      const documents = Array.from({ length: 12 }, () => bench.rows(base, 25));
      const passages = documents.flatMap((document) => document.passages);
      const vectors = () => new Map(passages.filter(() => random() < 0.7).map((passage) => [passage, unit(dimensions, random)]));
      // The plain index has the documents of passages from their words.
      for (const { document, passages: ids } of documents) {
        for (const passage of ids) bench.plain(base).words.set(passage, { passage, document, title: "", headings: "", body: "" });
      }
      await bench.putVectors(other, 2, new Map(bench.rows(other, 5).passages.map((id) => [id, unit(3, random)])));
      const view = await bench.view();
      const check = async () => {
        const plain = bench.plain(base);
        expect(await view.index.countVectors(space)).toBe(plain.vectors.size);
        const lacking = passages.filter((id) => !plain.vectors.has(id));
        expect([...(await view.index.withoutVector(space, passages))].sort((a, b) => a - b)).toEqual(lacking);
        for (let i = 0; i < 12; i++) {
          const query = unit(dimensions, random);
          const among = i % 3 === 0 ? undefined : documents.filter(() => random() < 0.3).map(({ document }) => document);
          const restriction = { limit: [1, 10, 60, 1000][i % 4] ?? 1, documents: among };
          const all = plain.byVector(query, { ...restriction, limit: 1e9 });
          expectSame(await view.index.byVector(space, query, restriction), plain.byVector(query, restriction), all);
          const some = passages.filter(() => random() < 0.1);
          const cosines = await view.index.cosines(space, query, some);
          expect([...cosines.keys()].sort((a, b) => a - b)).toEqual(some.filter((id) => plain.vectors.has(id)));
          const exact = plain.byVector(query, { limit: 1e9 });
          for (const { passage, score } of exact) if (cosines.has(passage)) expect(cosines.get(passage)).toBeCloseTo(score, 4);
        }
      };
      await check();
      await bench.putVectors(base, space, vectors());
      await check();
      await bench.putVectors(base, space, vectors());
      await check();
      for (const { document } of documents.splice(2, 3)) {
        for (const id of passagesIn(bench, document)) passages.splice(passages.indexOf(id), 1);
        await bench.removeDocument(base, document);
      }
      await check();
      await bench.putVectors(base, space, vectors());
      await check();
      await bench.index.dropSpace(space);
      bench.plain(base).vectors.clear();
      await check();
      expect(await view.index.countVectors(2)).toBe(5);
    });

    it("go with their passages, in every space", async () => {
      const base = bench.base();
      const { document, passages } = await bench.add(base, [{ body: "llama" }, { body: "wool" }]);
      const { passages: kept } = await bench.add(base, [{ body: "hill" }]);
      const random = generator(5);
      for (const space of [1, 2]) {
        await bench.putVectors(base, space, new Map([...passages, ...kept].map((id) => [id, unit(4, random)])));
      }
      await bench.index.byVector(1, unit(4, random), { limit: 5 });
      await bench.removeDocument(base, document);
      for (const space of [1, 2]) {
        const found = await bench.index.byVector(space, unit(4, random), { limit: 5 });
        expect(found.map(({ passage }) => passage)).toEqual(kept);
      }
    });

    it("stay when the words are dropped", async () => {
      const base = bench.base();
      const { passages } = await bench.add(base, [{ body: "llama" }]);
      await bench.putVectors(base, 1, new Map([[passages[0] ?? 0, Float32Array.of(1, 0)]]));
      await bench.index.dropWords(base);
      expect(await bench.index.byVector(1, Float32Array.of(0, 1), { limit: 5 })).toEqual([{ passage: passages[0], score: 0 }]);
    });
  });

  describe.runIf(hasVectors)(`${name}: two views`, () => {
    it("both see what one has written", async () => {
      const base = bench.base();
      const view = await bench.view();
      const query = Float32Array.of(1, 0);
      const seen = async () => ({
        words: (await view.index.byWords(base, [any("llama")], { limit: 9 })).map(({ passage }) => passage),
        vectors: (await view.index.byVector(1, query, { limit: 9 })).map(({ passage }) => passage),
      });
      expect(await seen()).toEqual({ words: [], vectors: [] });
      const first = await bench.add(base, [{ body: "llama" }, { body: "wool" }]);
      await bench.putVectors(base, 1, new Map(first.passages.map((id, i) => [id, Float32Array.of(1 - i, i)])));
      expect(await seen()).toEqual({ words: [first.passages[0]], vectors: first.passages });
      const second = await bench.add(base, [{ body: "llama llama" }]);
      await bench.putVectors(
        base,
        1,
        new Map([
          [second.passages[0] ?? 0, Float32Array.of(1, 0)],
          [first.passages[0] ?? 0, Float32Array.of(-1, 0)],
        ]),
      );
      expect(await seen()).toEqual({
        words: [second.passages[0], first.passages[0]],
        vectors: [second.passages[0], first.passages[1], first.passages[0]],
      });
      await bench.removeDocument(base, first.document);
      expect(await seen()).toEqual({ words: second.passages, vectors: second.passages });
    });

    it.runIf(isTransactional)("see nothing of a change that is not complete, nor of one that failed", async () => {
      const base = bench.base();
      const view = await bench.view();
      const { passages } = await bench.add(base, [{ body: "llama" }, { body: "llama wool" }]);
      await bench.putVectors(base, 1, new Map([[passages[0] ?? 0, Float32Array.of(1, 0)]]));
      const seen = async () => [
        (await view.index.byWords(base, [any("llama")], { limit: 9 })).length,
        (await view.index.byVector(1, Float32Array.of(1, 0), { limit: 9 })).length,
      ];
      const failing = transaction(bench.database, async () => {
        const { passages: more } = bench.rows(base, 1);
        await bench.index.addWords(base, [{ passage: more[0] ?? 0, document: 1, title: "", headings: "", body: "llama" }]);
        await bench.index.addVectors(1, [{ passage: more[0] ?? 0, vector: Float32Array.of(0, 1) }]);
        expect(await seen()).toEqual([2, 1]);
        throw new Error("full");
      });
      await expect(failing).rejects.toThrow("full");
      expect(await seen()).toEqual([2, 1]);
    });

    it.runIf(isTransactional)("see one state for the time of a snapshot, whatever is written meanwhile", async () => {
      const base = bench.base();
      const view = await bench.view();
      const { document, passages } = await bench.add(base, [{ body: "llama" }]);
      await bench.putVectors(base, 1, new Map([[passages[0] ?? 0, Float32Array.of(1, 0)]]));
      const seen = async () => ({
        words: await view.index.byWords(base, [any("llama"), any("wool")], { limit: 9 }),
        counts: await view.index.countTerms(base, [any("wool")]),
        vectors: await view.index.byVector(1, Float32Array.of(1, 0), { limit: 9 }),
      });
      await snapshot(view.database, async () => {
        const before = await seen();
        const added = await bench.add(base, [{ body: "wool llama" }]);
        await bench.putVectors(base, 1, new Map([[added.passages[0] ?? 0, Float32Array.of(1, 0)]]));
        await bench.removeDocument(base, document);
        expect(await seen()).toEqual(before);
      });
      const after = await seen();
      expect(after.words).toHaveLength(1);
      expect(after.vectors.map(({ passage }) => passage)).not.toContain(passages[0]);
      expect(after.counts.passages).toBe(1);
    });
  });
}

/** The same passages in the same order; those of equal score may change places. */
function expectSame(found: readonly Found[], expected: readonly Found[], all: readonly Found[]): void {
  expect(found.length).toBe(expected.length);
  expect(new Set(found.map(({ passage }) => passage)).size).toBe(found.length);
  const scores = new Map(all.map(({ passage, score }) => [passage, score]));
  for (const [i, { passage, score }] of found.entries()) {
    expect(score).toBeCloseTo(scores.get(passage) ?? Number.NaN, 4);
    expect(score).toBeCloseTo(expected[i]?.score ?? Number.NaN, 4);
  }
}

function passagesIn(bench: IndexBench, document: number): number[] {
  const rows = bench.database.statement("SELECT id FROM kb_passages WHERE document = ?").all(document);
  return rows.map(({ id }) => Number(id));
}

function unit(dimensions: number, random: () => number): Float32Array {
  const vector = Float32Array.from({ length: dimensions }, () => random() + random() - 1 || 0.1);
  const length = Math.hypot(...vector);
  return vector.map((value) => value / length);
}

/** Numbers of [0, 1) that are the same in every run. */
function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}
