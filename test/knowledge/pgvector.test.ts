/** Vectors in pgvector, as PGlite has it: what every index must do, and what only this one does. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Connection } from "../../src/knowledge/index/postgres/connection.ts";
import { PostgresIndex } from "../../src/knowledge/index/postgres/index.ts";
import { search } from "../../src/knowledge/search.ts";
import { type ServedPglite, servePglite } from "../fixtures/pglite.ts";
import { IndexBench } from "./index-bench.ts";
import { indexContract } from "./index-contract.ts";
import { hashEmbedder, openStore } from "./open-store.ts";

describe("pgvector", () => {
  let served: ServedPglite;
  beforeAll(async () => {
    served = await servePglite();
  });
  afterAll(async () => await served.close());

  indexContract(
    "PGlite",
    async (database) => {
      const index = new PostgresIndex(database, { url: served.url });
      await index.ready();
      return { index, close: async () => await index.close() };
    },
    { isTransactional: false, runs: 10 },
  );

  test("vectors come along from SQLite without being made again, and words find the same with them", async () => {
    const embedder = hashEmbedder("hash");
    const here = openStore({ embedders: [embedder] });
    const { id } = await here.store.create({ name: "notes", settings: { embedder: "hash" } });
    const texts = Object.fromEntries(
      Array.from({ length: 30 }, (_, i) => [`${i}.txt`, `The llama number ${i} eats grass on hill ${i * 7}.`]),
    );
    await here.add(id, texts);
    const query = { query: "llama 12 on hill 84", limit: 5 };
    const before = await search(here.store, id, query);
    const made = embedder.calls;
    await here.close("keep");
    const there = openStore({ embedders: [embedder], home: here.home, postgres: served.url });
    await there.store.writer.readyIndex();
    const after = await search(there.store, id, query);
    expect(embedder.calls).toBe(made + 1);
    expect(after.hits.map(({ document, score }) => [document, score])).toEqual(
      before.hits.map(({ document, score }) => [document, score]),
    );
    for (const [i, { cosine }] of after.hits.entries()) expect(cosine).toBeCloseTo(before.hits[i]?.cosine ?? 2, 5);
    expect(after.legs.meaning).toBe(before.legs.meaning);
    // What is added there is embedded there; a removed document takes its vectors with it.
    await there.add(id, { "more.txt": "A boat of reeds." });
    const [space] = await there.store.spaces(id);
    expect(space).toMatchObject({ vectors: 31, isLive: true });
    await there.store.removeDocument(id, there.store.documents(id)[0]?.id ?? 0);
    expect(await there.store.spaces(id)).toMatchObject([{ vectors: 30 }]);
    await there.close("keep");
    // And back: what SQLite does not have is made by the next import.
    const back = openStore({ embedders: [embedder], home: here.home });
    await back.store.resume();
    await back.store.writer.readyIndex();
    expect(await back.store.spaces(id)).toMatchObject([{ vectors: 29 }]);
    await back.add(id, { "last.txt": "Snow in June." });
    expect(await back.store.spaces(id)).toMatchObject([{ vectors: 31 }]);
    await back.close();
  });

  test("many vectors get an HNSW index, which is used once it finds what an exact search finds", async () => {
    const bench = await IndexBench.start(async (database) => {
      const index = new PostgresIndex(database, { url: served.url, manyVectors: 400 });
      await index.ready();
      return { index, close: async () => await index.close() };
    });
    const base = bench.base();
    const { passages } = bench.rows(base, 500);
    const vectors = new Map(passages.map((passage, i) => [passage, direction(i)]));
    await bench.putVectors(base, 1, vectors);
    // Waits for the index.
    await bench.index.close?.();
    const { schema } = bench.database.open().prepare("SELECT schema FROM kb_elsewhere").get() as { schema: string };
    const connection = new Connection({ url: served.url, queryMs: 60_000 });
    const [space] = await connection.query(`SELECT * FROM "${schema}".spaces`);
    expect(space).toMatchObject({ dimensions: 16, checked: "500" });
    expect(Number(space?.ef_search)).toBeGreaterThan(0);
    const indexes = await connection.query(
      "SELECT indexdef FROM pg_indexes WHERE schemaname = $1 AND indexname = 'vectors_hnsw_1'",
      [schema],
    );
    expect(indexes).toHaveLength(1);
    await connection.close();
    let found = 0;
    for (const passage of passages.filter((_, i) => i % 25 === 0)) {
      const query = vectors.get(passage) ?? new Float32Array();
      const exact = new Set(
        bench
          .plain(base)
          .byVector(query, { limit: 10 })
          .map((one) => one.passage),
      );
      const hits = await bench.index.byVector(1, query, { limit: 10 });
      expect(hits[0]).toEqual({ passage, score: expect.closeTo(1, 5) });
      found += hits.filter((one) => exact.has(one.passage)).length;
    }
    expect(found).toBeGreaterThanOrEqual(20 * 10 * 0.95);
    await bench.close();
  });
});

/** The same in every run, and no two alike. */
function direction(seed: number): Float32Array {
  const vector = Float32Array.from({ length: 16 }, (_, i) => Math.sin((seed + 1) * (i + 1) * 1.7) + Math.cos(seed * 0.37 + i));
  const length = Math.hypot(...vector);
  return vector.map((value) => value / length);
}
