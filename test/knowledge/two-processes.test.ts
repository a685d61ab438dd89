/** Several processes with one store: they import at the same time, into one base, while another searches it. */
import { type ChildProcess, spawn } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, expect, test } from "vitest";
import { search } from "../../src/knowledge/search.ts";
import { contentsOf } from "./contents.ts";
import { type OpenStore, openStore } from "./open-store.ts";

const child = fileURLToPath(new URL("../fixtures/import-child.mjs", import.meta.url));
const DOCUMENTS = 20;
/** Of these the last ones of one folder have the bytes of the first ones of the next. */
const SHARED = 5;

let opened: OpenStore;
let base: number;
beforeEach(async () => {
  opened = openStore({ threads: true });
  base = (await opened.store.create({ name: "b" })).id;
  await opened.add(base, { "first.md": "# Llama\n\nIt eats grass on hill 7." });
});
afterEach(async () => await opened.close());

/** A process that imports documents `from` on, and what it said at its end. */
function importing(from: number): { process: ChildProcess; ended: Promise<string> } {
  const folder = path.join(opened.home, `folder ${from}`);
  mkdirSync(folder);
  for (let i = from; i < from + DOCUMENTS; i++)
    writeFileSync(path.join(folder, `${i}.md`), `# Llama ${i}\n\n${`It eats grass on hill ${i}, says number ${i}. `.repeat(60)}`);
  const env = { ...process.env, PUNA_TEST_AGAIN: "1", PUNA_TEST_EMBEDDER: "1" };
  const started = spawn(process.execPath, [child, opened.home, folder], { env, stdio: ["ignore", "pipe", "inherit"] });
  let said = "";
  started.stdout.setEncoding("utf8").on("data", (text: string) => {
    said += text;
  });
  return { process: started, ended: new Promise((resolve) => started.once("exit", () => resolve(said))) };
}

test("nothing is lost or doubled, and every search gives an answer", async () => {
  const { store, home } = opened;
  const children = [0, 1, 2].map((i) => importing(i * (DOCUMENTS - SHARED)));
  let isOver = false;
  let searches = 0;
  const searching = (async () => {
    for (; !isOver; searches++) {
      const { hits } = await search(store, base, { query: "what does the llama on hill 7 eat", space: null });
      expect(hits.length).toBeGreaterThan(0);
      for (const hit of hits) expect(store.text(base, hit.documentId).text.slice(hit.start, hit.end)).toBe(hit.text);
    }
  })();
  for (const { ended } of children) expect(await ended).toMatch(/done \n$/);
  isOver = true;
  await searching;
  expect(searches).toBeGreaterThan(0);
  const { documents, faults, uploads, items } = contentsOf(home);
  expect(documents).toHaveLength(1 + 3 * DOCUMENTS - 2 * SHARED);
  expect(items.filter((item) => !/"(done|unchanged)"/.test(item))).toEqual([]);
  expect({ faults, uploads }).toEqual({ faults: [], uploads: [] });
});

test("what a killed process left is ended by one that is there", async () => {
  const { store, home } = opened;
  const killed = importing(0);
  const open = () => store.jobs(base).some(({ state, items }) => state === "running" && items.done > 2);
  while (!open()) await new Promise((resolve) => setTimeout(resolve, 5));
  killed.process.kill("SIGKILL");
  await killed.ended;
  const [job] = store.jobs(base);
  expect(job?.state).toBe("running");
  expect(await store.importer.wait(job?.id ?? 0)).toMatchObject({
    state: "done",
    items: { failed: 0, waiting: 0, total: DOCUMENTS },
  });
  const { documents, faults } = contentsOf(home);
  expect(documents).toHaveLength(1 + DOCUMENTS);
  expect(faults).toEqual([]);
});
