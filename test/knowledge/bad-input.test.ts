/** Documents that are broken, locked, too large or made to do harm, through a whole import: each fails alone, with its reason. */
import { truncateSync, writeFileSync } from "node:fs";
import path from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { search } from "../../src/knowledge/search.ts";
import { docx, odf, pdf, wordParagraph, zip, zipBomb } from "../fixtures/documents.ts";
import { type OpenStore, openStore } from "./open-store.ts";

let opened: OpenStore;
beforeEach(() => {
  opened = openStore({ threads: true });
});
afterEach(async () => await opened.close());

const page = [{ x: 72, y: 700, text: "Words." }];
const nested = (levels: number): Uint8Array => (levels === 0 ? zip({ "a.txt": "x" }) : zip({ "a.zip": nested(levels - 1) }));

test("each fails alone with its reason, and the base stays searchable", async () => {
  const { store, add } = opened;
  const { id } = await store.create({ name: "b" });
  const good = docx(wordParagraph("A llama eats grass on the hill."));
  const bad: Record<string, [content: string | Uint8Array, code: string]> = {
    "locked.pdf": [pdf([page], { encrypted: true }), "unreadable_encrypted"],
    "locked.odt": [
      odf("text", "<text:p>x</text:p>", { "META-INF/manifest.xml": "<manifest:encryption-data/>" }),
      "unreadable_encrypted",
    ],
    "cut-off.docx": [good.subarray(0, good.length / 2), "unreadable_damaged"],
    "noise.pdf": [new Uint8Array(500).fill(3), "unreadable_damaged"],
    "scan.pdf": [pdf([[], []]), "unreadable_scan"],
    "empty.txt": ["", "unreadable_empty"],
    "blank.md": [" \n\n ", "unreadable_no_text"],
    "picture.png": [new Uint8Array([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0, 0, 0, 0]), "unreadable_unsupported"],
    "matryoshka.zip": [nested(9), "unreadable_unsupported"],
    "bomb.docx": [zipBomb("word/document.xml", 40 << 20, { "[Content_Types].xml": "<Types/>" }), "unreadable_bomb"],
    "deep.json": [`${"[".repeat(100_000)}${"]".repeat(100_000)}`, "unreadable_bomb"],
    "deep.html": [`<html>${"<div>".repeat(100_000)}x`, "unreadable_bomb"],
  };
  const files = Object.fromEntries(Object.entries(bad).map(([name, [content]]) => [name, content]));
  const job = await add(id, { ...files, "good.docx": good });
  expect(job).toMatchObject({ state: "done", items: { failed: Object.keys(bad).length, done: 1 } });
  const failed = store.items(job.id, { state: "failed" });
  expect(Object.fromEntries(failed.map(({ place, code }) => [place, code]))).toEqual(
    Object.fromEntries(Object.entries(bad).map(([name, [, code]]) => [name, code])),
  );
  for (const { place, reason } of failed) expect(reason).toContain(place);
  expect((await search(store, id, { query: "llama" })).hits.map(({ document }) => document)).toEqual(["good.docx"]);
});

test("a file of 500 MB is refused by its size, without being read; one that is no file, or not there, says so", async () => {
  const { store, home } = opened;
  const { id } = await store.create({ name: "b" });
  const large = path.join(home, "large.txt");
  writeFileSync(large, "");
  truncateSync(large, 500 << 20);
  const paths = [large, home, path.join(home, "absent.txt"), path.join(large, "below.txt"), "/dev/zero", "a\0b"];
  const { id: job } = await store.add(
    id,
    paths.map((file) => ({ place: file, source: { kind: "file", path: file } })),
  );
  const before = process.memoryUsage.rss();
  expect(await store.importer.wait(job)).toMatchObject({ state: "done", items: { failed: paths.length } });
  expect(process.memoryUsage.rss() - before).toBeLessThan(200 << 20);
  const reasons = store.items(job).map(({ reason, code }) => `${code}: ${reason}`);
  expect(reasons[0]).toBe("unreadable_too_large: large.txt has 500 MB; 100 MB is the limit");
  expect(reasons[1]).toMatch(/^not_a_file: .* is no file$/);
  expect(reasons[2]).toBe("file_not_found: absent.txt is not there any more");
  expect(reasons[3]).toBe("file_not_found: below.txt is not there any more");
  expect(reasons[4]).toBe("not_a_file: zero is no file");
  expect(reasons[5]).toBe("file_not_found: a path cannot hold a NUL character");
});

test("names that lead elsewhere, and kinds of sources that nobody knows, do no harm", async () => {
  const { store, home, add } = opened;
  const { id } = await store.create({ name: "b" });
  const names = [
    "../../etc/passwd",
    "..\\..\\boot.ini",
    "/etc/passwd",
    "a\u202Etxt.exe",
    "con",
    "x".repeat(5000),
    "\ud800lone",
    "n\0l",
  ];
  const job = await add(id, Object.fromEntries(names.map((name, i) => [name, `Text number ${i}.`])));
  expect(job).toMatchObject({ state: "done", items: { done: names.length } });
  expect(store.documents(id)).toHaveLength(names.length);
  const secret = path.join(home, "puna.db");
  const odd = [
    { kind: "upload", sha256: "../../puna.db", name: "a.txt" },
    { kind: "upload", sha256: secret, name: "a.txt" },
    { kind: "upload", sha256: "..", name: "a.txt" },
    { kind: "constructor" },
    { kind: "__proto__" },
    { kind: "toString" },
  ];
  const { id: other } = await store.add(
    id,
    odd.map((source, i) => ({ place: `odd ${i}`, source })),
  );
  expect(await store.importer.wait(other)).toMatchObject({ state: "done", items: { failed: odd.length } });
  expect(store.documents(id)).toHaveLength(names.length);
});

test("a text with NULs and lone surrogates keeps exact offsets", async () => {
  const { store, add } = opened;
  const { id } = await store.create({ name: "b" });
  const text = `Ein Satz\u0000 mit Null. ${"\ud83e\udd99 Ein Lama. ".repeat(400)}Ein \ud800 halbes Zeichen \udfff hier.`;
  const utf16 = Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from(text, "utf16le")]);
  const job = await add(id, { "utf8.txt": Buffer.from(text), "utf16.txt": new Uint8Array(utf16) });
  expect(job.items.failed).toBe(0);
  for (const document of store.documents(id)) {
    const { text: stored } = store.text(id, document.id);
    expect(stored.isWellFormed()).toBe(true);
    expect(stored).not.toContain("\0");
    const { hits } = await search(store, id, { query: "lama", filters: { documents: [document.id] }, limit: 50 });
    expect(hits.length).toBeGreaterThan(0);
    for (const hit of hits) expect(stored.slice(hit.start, hit.end)).toBe(hit.text);
    const [half] = (await search(store, id, { query: "halbes Zeichen", filters: { documents: [document.id] } })).hits;
    expect(stored.slice(half?.start, half?.end)).toContain("halbes Zeichen");
  }
});
