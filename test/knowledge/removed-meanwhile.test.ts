/** A base, a document or an index that goes while it is imported, embedded or searched. */
import { afterEach, beforeEach, expect, test } from "vitest";
import type { Embedder } from "../../src/knowledge/embedder.ts";
import { search } from "../../src/knowledge/search.ts";
import { contentsOf } from "./contents.ts";
import { hashEmbedder, type OpenStore, openStore } from "./open-store.ts";

/** Called before each batch is embedded. */
let meanwhile: (() => Promise<unknown>) | undefined;
let opened: OpenStore;
beforeEach(() => {
  meanwhile = undefined;
  const plain = hashEmbedder("e");
  const embedder: Embedder = {
    ...plain,
    async embed(texts, purpose) {
      const act = purpose === "passage" ? meanwhile : undefined;
      meanwhile = undefined;
      await act?.();
      return await plain.embed(texts, purpose);
    },
  };
  opened = openStore({ threads: true, embedders: [embedder] });
});
afterEach(async () => await opened.close());

const files = (count: number) =>
  Object.fromEntries(
    Array.from({ length: count }, (_, i) => [`${i}.md`, `# Llama ${i}\n\n${`It eats grass on hill ${i}. `.repeat(60)}`]),
  );

async function baseWith(count: number) {
  const { id } = await opened.store.create({ name: `base ${opened.store.list().length}`, settings: { embedder: "e" } });
  await opened.add(id, files(count));
  return id;
}

test("a base removed in the middle of its import is gone, and other imports go on", async () => {
  const { store, home, add } = opened;
  const kept = await baseWith(5);
  const gone = await store.create({ name: "gone" });
  const going = add(gone.id, files(60)).catch((error: Error) => error.message);
  const other = add(kept, { "more.txt": "One more llama." });
  while (store.documents(gone.id).length < 5) await new Promise((resolve) => setTimeout(resolve, 5));
  await store.remove(gone.id);
  expect(await going).toMatch(/there is no import/);
  expect(await other).toMatchObject({ state: "done", items: { done: 1 } });
  expect(store.list().map(({ id }) => id)).toEqual([kept]);
  expect(contentsOf(home)).toMatchObject({ faults: [], uploads: [] });
});

test("a base removed while it is embedded leaves nothing", async () => {
  const { store, home, add } = opened;
  const { id } = await store.create({ name: "gone", settings: { embedder: "e" } });
  meanwhile = async () => await store.remove(id);
  await add(id, files(5)).catch(() => {});
  await baseWith(2);
  const contents = contentsOf(home);
  expect(contents).toMatchObject({ faults: [], uploads: [] });
  expect(contents.documents).toHaveLength(2);
  expect(contents.vectors).toHaveLength(contents.passages.length);
});

test("a document removed while it is embedded leaves no vector", async () => {
  const { store, home, add } = opened;
  const { id } = await store.create({ name: "b", settings: { embedder: "e" } });
  meanwhile = async () => {
    const [first] = store.documents(id);
    await store.removeDocument(id, first?.id ?? 0);
  };
  expect(await add(id, files(5))).toMatchObject({ state: "done" });
  const { faults, documents, passages, vectors } = contentsOf(home);
  expect(faults).toEqual([]);
  expect(documents).toHaveLength(4);
  expect(vectors).toHaveLength(passages.length);
});

test("an import that is canceled stays canceled, and a retry ends it", async () => {
  const { store } = opened;
  const { id } = await store.create({ name: "b" });
  const items = Object.entries(files(80)).map(([name, text]) => ({ place: name, source: { kind: "slow", text } }));
  const { id: job } = await store.add(id, items);
  expect(await store.cancel(job)).toMatchObject({ state: "canceled" });
  expect(await store.importer.wait(job)).toMatchObject({ state: "canceled" });
  const other = await opened.add(id, { "a.txt": "A llama." });
  expect(other.state).toBe("done");
  expect(store.job(job)).toMatchObject({ state: "canceled", items: { waiting: 0 } });
});

test("searches all give an answer or say that the base is gone, whatever is written, reset and removed meanwhile", async () => {
  const { store, add } = opened;
  const id = await baseWith(20);
  const wrong: string[] = [];
  let count = 0;
  let isOver = false;
  const searching = (async () => {
    while (!isOver) {
      const { hits } = await search(store, id, { query: "Which llama eats grass on hill 7?", limit: 5 });
      count++;
      if (hits.length === 0) wrong.push("nothing was found");
      for (const hit of hits) {
        const stored = await Promise.resolve()
          .then(() => store.text(id, hit.documentId).text)
          .catch(() => undefined);
        if (stored !== undefined && stored.slice(hit.start, hit.end) !== hit.text) wrong.push(`${hit.start} to ${hit.end}`);
      }
    }
  })().catch((error: Error) => error.message);
  await add(id, files(40));
  await store.writer.resetIndex(id, new Map());
  await store.update(id, { settings: { passageTokens: 60, mostPassageTokens: 90 } });
  await store.writer.resetIndex(id, new Map());
  for (const { id: document } of store.documents(id).slice(0, 10)) await store.removeDocument(id, document);
  await add(id, { "9.md": "# Another\n\nLlama on hill 7 eats grass." });
  await store.remove(id);
  isOver = true;
  const ended = await searching;
  if (ended !== undefined) expect(ended).toMatch(/not there any more|no knowledge base/);
  expect(count).toBeGreaterThan(3);
  expect(wrong).toEqual([]);
});
