/** What was uploaded and could not be read is kept for another try, but not for ever. */
import { existsSync } from "node:fs";
import { Readable } from "node:stream";
import { expect, test } from "vitest";
import { openStore } from "./open-store.ts";

test("bytes of a failed item are there for a retry, and gone a week later", async () => {
  const opened = openStore();
  const { store, database } = opened;
  const { id } = await store.create({ name: "b" });
  const { sha256, bytes } = await store.uploads.keep(Readable.from([Buffer.from(" \n ")]), "blank.txt");
  const job = await store.add(id, [{ place: "blank.txt", source: { kind: "upload", sha256, bytes, name: "blank.txt" } }]);
  store.uploads.settle([sha256]);
  const ended = await store.importer.wait(job.id);
  expect(ended.items).toMatchObject({ failed: 1 });
  const file = store.uploads.fileOf(sha256);
  await store.uploads.sweep();
  expect(existsSync(file)).toBe(true);
  const ageDays = (days: number) =>
    database
      .open()
      .prepare("UPDATE kb_jobs SET finished_at = ? WHERE id = ?")
      .run(Date.now() - days * 24 * 3600_000, job.id);
  ageDays(6);
  await store.uploads.sweep();
  expect(existsSync(file)).toBe(true);
  ageDays(8);
  await store.uploads.sweep();
  expect(existsSync(file)).toBe(false);
  await opened.close();
});
