/** Embedders that fail for some texts or for all, and vectors of two embedders that must never meet. */
import { afterEach, describe, expect, it, test } from "vitest";
import { fillSpace } from "../../src/knowledge/fill.ts";
import { search } from "../../src/knowledge/search.ts";
import { hashEmbedder, type OpenStore, openStore } from "./open-store.ts";

let opened: OpenStore;
afterEach(async () => await opened.close());

const BAD = "the bad one";
/** Each a document, so that the bad one has the first passage of all, or the last of more than one batch. */
const files = (bad: number) =>
  Object.fromEntries(Array.from({ length: 70 }, (_, i) => [`${i}.txt`, `Number ${i} is about ${i === bad ? BAD : "hills"}.`]));

describe.each([0, 69])("when the passage that cannot be embedded is number %i", (bad) => {
  it.each([
    [
      "throws",
      (_: Float32Array) => {
        throw new Error("the text is too odd");
      },
      /too odd/,
    ],
    ["gives NaN", (vector: Float32Array) => vector.fill(Number.NaN), /NaN or infinity/],
    ["gives infinity", (vector: Float32Array) => vector.fill(Infinity), /NaN or infinity/],
    ["gives zeros", (vector: Float32Array) => vector.fill(0), /zeros/],
    ["gives too few numbers", (vector: Float32Array) => vector.slice(1), /7 numbers instead of 8/],
    ["gives too many", () => new Float32Array(9).fill(1), /9 numbers instead of 8/],
    ["gives an empty vector", () => new Float32Array(), /no vector/],
    ["gives no vector at all", () => undefined, /no vector/],
  ] as const)("an embedder that %s fails for that one alone, and says so", async (_, spoil, reason) => {
    opened = openStore({
      embedders: [hashEmbedder("e", 8, (vector, text) => (text.includes(BAD) ? spoil(vector) : vector))],
    });
    const { store, add } = opened;
    const { id } = await store.create({ name: "b", settings: { embedder: "e" } });
    expect(await add(id, files(bad))).toMatchObject({ state: "done", items: { done: 70, failed: 0 } });
    const [space] = await store.spaces(id);
    expect(space).toMatchObject({ vectors: 69, faults: 1, dimensions: 8, isLive: true });
    expect(store.faults(space?.id ?? 0)).toEqual([expect.objectContaining({ reason: expect.stringMatching(reason) as string })]);
    // Its words are found all the same, and each other passage has its own vector.
    expect((await search(store, id, { query: BAD })).hits[0]?.text).toContain(BAD);
    const { hits } = await search(store, id, { query: "Number 7 is about hills.", limit: 70 });
    const exact = hits.find(({ document }) => document === "7.txt");
    expect(exact?.cosine).toBeLessThanOrEqual(1.001);
    expect(hits.filter(({ cosine }) => cosine !== undefined && Math.abs(cosine) > 1.001)).toEqual([]);
  });
});

test("an embedder that works again embeds what it could not, on a retry", async () => {
  let isBroken = true;
  opened = openStore({
    embedders: [hashEmbedder("e", 8, (vector, text) => (isBroken && text.includes(BAD) ? undefined : vector))],
  });
  const { store, add } = opened;
  const { id } = await store.create({ name: "b", settings: { embedder: "e" } });
  const job = await add(id, files(3));
  isBroken = false;
  expect(await store.importer.wait((await store.retry(job.id)).id)).toMatchObject({ state: "done" });
  expect((await store.spaces(id))[0]).toMatchObject({ vectors: 70, faults: 0 });
});

test("an embedder that does not work at all fails the import, not its documents; a retry embeds them", async () => {
  let isBroken = true;
  const broken = hashEmbedder("e", 8, (vector) => {
    if (isBroken) throw new Error("out of memory");
    return vector;
  });
  opened = openStore({ embedders: [broken] });
  const { store, add } = opened;
  const { id } = await store.create({ name: "b", settings: { embedder: "e" } });
  const job = await add(id, files(-1));
  expect(job).toMatchObject({
    state: "failed",
    items: { done: 70 },
    reason: "the embedding model e does not work: out of memory",
  });
  const found = await search(store, id, { query: "number 17" });
  expect(found.hits[0]?.document).toBe("17.txt");
  expect(found.notices).toEqual(["searched by words alone: out of memory"]);
  isBroken = false;
  expect(await store.importer.wait((await store.retry(job.id)).id)).toMatchObject({ state: "done" });
  expect((await store.spaces(id))[0]).toMatchObject({ vectors: 70, faults: 0 });
});

describe("vectors of two embedders", () => {
  it("are in two indexes: one is searched while the other is built, they change places at once, and back", async () => {
    const [old, young] = [hashEmbedder("old"), hashEmbedder("young", 8)];
    opened = openStore({ embedders: [old, young] });
    const { store, add } = opened;
    const { id } = await store.create({ name: "b", settings: { embedder: "old" } });
    await add(id, files(-1));
    const first = store.byId(id).liveSpace ?? 0;
    const cosineOf = async (embedder: string) => {
      const { hits, notices } = await search(store, id, { query: "Number 5 is about hills.", limit: 3 });
      expect(notices).toEqual([]);
      return {
        embedder: store.space(store.byId(id).liveSpace ?? 0).embedder === embedder,
        cosines: hits.map(({ cosine }) => cosine),
      };
    };
    const before = await cosineOf("old");
    const space = await store.writer.openSpace(id, young);
    await fillSpace(store.writer, space, young, {
      onProgress: async () => expect(await cosineOf("old")).toEqual(before),
    });
    expect((await store.spaces(id)).map(({ vectors, isLive }) => ({ vectors, isLive }))).toEqual([
      { vectors: 70, isLive: true },
      { vectors: 70, isLive: false },
    ]);
    await store.writer.goLive(id, space.id);
    const after = await cosineOf("young");
    expect(after.embedder).toBe(true);
    expect(after.cosines).not.toEqual(before.cosines);
    expect(store.byId(id)).toMatchObject({ liveSpace: space.id, oldSpace: first });
    await store.writer.goLive(id, first);
    expect(await cosineOf("old")).toEqual(before);
    await expect(store.writer.dropSpace(id, first)).rejects.toThrow("is the one that is searched");
    await store.writer.dropSpace(id, space.id);
    expect((await store.spaces(id)).map(({ embedder, vectors }) => ({ embedder, vectors }))).toEqual([
      { embedder: "old", vectors: 70 },
    ]);
  });

  it("never meet, whatever anyone tries", async () => {
    const embedder = hashEmbedder("e");
    opened = openStore({ embedders: [embedder, hashEmbedder("other"), hashEmbedder("short", 4)] });
    const { store, add } = opened;
    const [one, two] = [await store.create({ name: "one", settings: { embedder: "e" } }), await store.create({ name: "two" })];
    await add(one.id, files(-1));
    await add(two.id, { "a.txt": "A text." });
    const live = store.byId(one.id).liveSpace ?? 0;
    const [other, short] = [await store.embedder("other"), await store.embedder("short")];
    const passage = Number(opened.database.statement("SELECT id FROM kb_passages LIMIT 1").get()?.id);
    const vector = (length: number) => ({
      vectors: [{ passage, vector: new Float32Array(length).fill(1 / Math.sqrt(length)) }],
      faults: [],
    });
    await expect(store.writer.addVectors(live, other.digest, vector(8))).rejects.toThrow("build a new index");
    await expect(store.writer.addVectors(live, embedder.digest, vector(4))).rejects.toThrow(
      "of 4 numbers do not go with those of 8",
    );
    await expect(
      fillSpace(store.writer, store.space(live), { ...short, digest: embedder.digest, embed: short.embed.bind(short) }),
    ).resolves.toBeUndefined();
    embedder.digest = "of the same name, pulled anew";
    const { hits, notices } = await search(store, one.id, { query: "Number 5 is about hills." });
    expect(notices).toEqual([expect.stringContaining("is not the one that this base was indexed with")]);
    expect(hits.map(({ cosine }) => cosine)).toEqual(hits.map(() => undefined));
    expect(await add(one.id, { "new.txt": "A new text." })).toMatchObject({
      state: "done",
      reason: expect.stringContaining("until a new index is built") as string,
    });
    expect((await store.spaces(one.id))[0]).toMatchObject({ vectors: 70 });
    await expect(store.writer.goLive(two.id, live)).rejects.toThrow("there is no index");
  });
});
