/** A disk that is full in the middle of an import: items fail with the reason, what is there stays searchable, and a retry succeeds. */
import { afterEach, beforeEach, expect, test } from "vitest";
import { search } from "../../src/knowledge/search.ts";
import { contentsOf } from "./contents.ts";
import { hashEmbedder, type OpenStore, openStore } from "./open-store.ts";

let opened: OpenStore;
beforeEach(() => {
  opened = openStore({ embedders: [hashEmbedder("e")] });
});
afterEach(async () => await opened.close());

const files = (from: number, to: number) =>
  Object.fromEntries(
    Array.from({ length: to - from }, (_, i) => [
      `${from + i}.txt`,
      `Number ${from + i}. ${"A llama eats grass on the hill. ".repeat(300)}`,
    ]),
  );

/** SQLite reports a file that has its most pages as it reports a full disk. */
function limitTo(pages: number | undefined): void {
  const now = Number(opened.database.open().prepare("PRAGMA page_count").get()?.page_count);
  opened.database.open().exec(`PRAGMA max_page_count = ${pages === undefined ? 2 ** 30 : now + pages}`);
}

test("what is added when nothing fits is refused at once, and leaves nothing", async () => {
  const { store, home, add } = opened;
  const { id } = await store.create({ name: "b" });
  await add(id, files(0, 1));
  limitTo(0);
  const items = Array.from({ length: 500 }, (_, i) => ({ place: `${i}`, source: { kind: "file", path: "x".repeat(500) } }));
  await expect(store.add(id, items)).rejects.toMatchObject({
    status: 500,
    message: expect.stringContaining("the disk is full") as string,
  });
  expect((await search(store, id, { query: "llama" })).hits).toHaveLength(1);
  expect(contentsOf(home)).toMatchObject({ faults: [], jobs: [expect.stringContaining("done")] });
});

test.each([10, 60])("with %i pages left", async (pages) => {
  const { store, home, add } = opened;
  const { id } = await store.create({ name: "b", settings: { embedder: "e" } });
  await add(id, files(0, 3));
  limitTo(pages);
  const job = await add(id, files(3, 30));
  expect(job.state).not.toBe("running");
  const failed = store.items(job.id, { state: "failed" });
  const done = store.items(job.id, { state: "done" });
  expect(failed.length + done.length).toBe(27);
  expect(failed.length).toBeGreaterThan(0);
  for (const { reason } of failed)
    expect(reason).toMatch(/the disk is full; make room, or set PUNA_HOME to a folder on another disk$/);
  expect((await search(store, id, { query: "number 2" })).hits[0]?.document).toBe("2.txt");
  expect(store.documents(id)).toHaveLength(3 + done.length);
  expect(contentsOf(home).faults).toEqual([]);
  limitTo(undefined);
  expect(await store.importer.wait((await store.retry(job.id)).id)).toMatchObject({
    state: "done",
    items: { done: 27, failed: 0 },
  });
  expect(store.documents(id)).toHaveLength(30);
  expect(contentsOf(home)).toMatchObject({ faults: [], uploads: [] });
  expect((await store.spaces(id))[0]).toMatchObject({ vectors: store.byId(id).passages, faults: 0 });
});
