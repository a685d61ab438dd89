/** A base as one file: the same base comes out of it, or nothing does. */
import { createHash, randomBytes } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { Writable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { gunzipSync, gzipSync } from "node:zlib";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { importBase } from "../../src/knowledge/archive/import.ts";
import { packedBase } from "../../src/knowledge/archive/packed.ts";
import { TAR_END, tarred } from "../../src/knowledge/archive/tar.ts";
import { search } from "../../src/knowledge/search.ts";
import { hashEmbedder, type OpenStore, openStore } from "./open-store.ts";

const FILES: Record<string, string> = {
  "llamas.md":
    "# Llamas\n\nThe llama lives in the high grassland.\n\n## Wool\n\nIts wool is warm and light. It is shorn in spring.\n",
  "羊驼.md": "# 羊驼\n\n羊驼的毛又轻又暖。\n\n| 名称 | 数量 |\n|---|---|\n| 羊驼 | 12 |\n| 骆马 | 3 |\n",
  "folder/hills.txt": "The hill is covered with snow in June. Nobody climbs it.\n",
  "folder/same.txt": "The hill is covered with snow in June. Nobody climbs it.\n",
  "lama.ts": "export function lama(count: number): string {\n  return count + ' lamas';\n}\n",
};
const QUERIES = ["where does the llama live", "羊驼的毛", "骆马 数量", "snow on the hill", "lama count", "zebra"];

let work: string;
let from: OpenStore;
let base: number;
let archive: Buffer;
beforeAll(async () => {
  work = mkdtempSync(path.join(os.tmpdir(), "puna-archive-"));
  from = openStore({ embedders: [hashEmbedder("hash")] });
  const settings = { embedder: "hash", refusal: "Das steht nicht da.", threshold: 33, mode: "chat" as const };
  base = (await from.store.create({ name: "notes", settings })).id;
  expect(await from.add(base, FILES)).toMatchObject({ state: "done", items: { done: 4, unchanged: 1 } });
  const [first, second] = from.store.documents(base);
  const place = { document: "llamas.md", documentId: second?.id, start: 3, end: 9, quote: "Llamas", before: "", after: "" };
  await from.store.writer.keepQuestions(base, [{ question: "What lives there?", place, answer: "llamas" }], "hand");
  await from.store.writer.keepQuestions(base, [{ question: "Who flies?", place: undefined }], "file");
  expect(first).toBeDefined();
  archive = await packed(from, base);
});
afterAll(async () => {
  await from.close();
  rmSync(work, { recursive: true, force: true });
});

async function packed(opened: OpenStore, id: number, withVectors = true): Promise<Buffer> {
  const chunks: Buffer[] = [];
  await pipeline(
    packedBase(opened.store, opened.home, id, { withVectors }),
    new Writable({ write: (chunk, _, done) => done(void chunks.push(chunk)) }),
  );
  return Buffer.concat(chunks);
}

/** The name and bytes of each file in it, read without our own reader. */
function filesIn(bytes: Buffer): Map<string, Buffer> {
  const tar = gunzipSync(bytes);
  const files = new Map<string, Buffer>();
  for (let at = 0; tar[at] !== 0; ) {
    const size = Number.parseInt(tar.toString("latin1", at + 124, at + 135), 8);
    files.set(tar.toString("latin1", at, at + 100).replace(/\0.*$/s, ""), tar.subarray(at + 512, at + 512 + size));
    at += 512 + Math.ceil(size / 512) * 512;
  }
  return files;
}

function archiveOf(files: ReadonlyMap<string, Buffer>): Buffer {
  return gzipSync(Buffer.concat([...[...files].flatMap(([name, bytes]) => tarred(name, bytes, 0)), TAR_END]));
}

/** With checksums that are right, so that only what is wrong itself can be found. */
function changed(change: (files: Map<string, Buffer>) => void): Buffer {
  const files = filesIn(archive);
  files.delete("SHA256SUMS");
  change(files);
  const sums = [...files].map(([name, bytes]) => `${createHash("sha256").update(bytes).digest("hex")}  ${name}\n`);
  return archiveOf(files.set("SHA256SUMS", Buffer.from(sums.join(""))));
}

// biome-ignore lint/suspicious/noExplicitAny: whatever the file holds
function edited(name: string, edit: (value: any) => void): Buffer {
  return changed((files) => {
    const value = JSON.parse((files.get(name) ?? Buffer.from("null")).toString());
    edit(value);
    files.set(name, Buffer.from(JSON.stringify(value)));
  });
}

/** Writes it to a file and imports that. */
async function taken(into: OpenStore, bytes: Uint8Array, name?: string) {
  const file = path.join(work, "archive");
  writeFileSync(file, bytes);
  return await importBase(into.store, file, name === undefined ? {} : { name });
}

const FIRST = "documents/00000001.json";

test("the same base under another name: settings, documents, offsets, questions, vectors, scores", async () => {
  const { base: copy, notices } = await taken(from, archive, "copy");
  expect(notices).toEqual([]);
  const original = from.store.byId(base);
  expect(copy).toMatchObject({
    name: "copy",
    settings: original.settings,
    passages: original.passages,
    createdAt: original.createdAt,
  });
  const plain = (id: number) =>
    from.store.documents(id).map(({ id: document, base: _, ...rest }) => ({
      ...rest,
      ...from.store.text(id, document),
      passages: from.store.passages(id, document).map(({ id: _id, document: _document, ...passage }) => passage),
    }));
  expect(plain(copy.id)).toEqual(plain(base));
  for (const query of QUERIES) {
    const found = async (id: number) => {
      const { hits, best, threshold, legs } = await search(from.store, id, { query });
      const same = hits.map(({ passage: _, documentId: __, alsoAt: ___, ...hit }) => hit);
      return { same, best, threshold, legs: [legs.words, legs.meaning] };
    };
    expect(await found(copy.id)).toEqual(await found(base));
  }
  const [space] = await from.store.spaces(copy.id);
  expect(space).toMatchObject({ embedder: "hash", isLive: true, vectors: copy.passages, faults: 0 });
  // Out again, it is the same file but for its name and dates.
  const [one, other] = [filesIn(archive), filesIn(await packed(from, copy.id))];
  for (const files of [one, other]) for (const name of ["manifest.json", "SHA256SUMS"]) files.delete(name);
  expect(other).toEqual(one);
  expect(one.has("questions.json") && JSON.parse(String(one.get("questions.json")))).toHaveLength(2);
  await from.store.remove(copy.id);
});

test("the file is one that other programs read", () => {
  const files = filesIn(archive);
  expect([...files.keys()]).toEqual([
    "manifest.json",
    ...[1, 2, 3, 4].flatMap((n) => [`documents/0000000${n}.json`, `vectors/0000000${n}.f32`]),
    "questions.json",
    "SHA256SUMS",
  ]);
  const sums = String(files.get("SHA256SUMS")).trim().split("\n");
  expect(sums).toHaveLength(files.size - 1);
  for (const line of sums) {
    const [sum, name] = line.split("  ");
    expect(
      createHash("sha256")
        .update(files.get(name ?? "") ?? "")
        .digest("hex"),
    ).toBe(sum);
  }
  const { passages, text } = JSON.parse(String(files.get(FIRST)));
  for (const { start, end } of passages) expect(text.slice(start, end).trim()).not.toBe("");
});

test("vectors are taken with the embedder that made them alone", async () => {
  const other = openStore({ embedders: [{ ...hashEmbedder("hash"), digest: "another" }] });
  const { base: copy, notices } = await taken(other, archive);
  expect(notices).toEqual([
    "the vectors of hash were left out: the model of that name here is another one; build an index with it",
  ]);
  expect(copy).toMatchObject({ name: "notes", liveSpace: undefined, settings: { embedder: "hash" } });
  expect(await other.store.spaces(copy.id)).toEqual([]);
  const none = openStore();
  expect((await taken(none, archive)).notices).toEqual([
    "the vectors of hash were left out: this model is not here; pull it, then build an index with it",
  ]);
  expect((await search(none.store, none.store.named("notes").id, { query: "snow on the hill" })).hits).not.toEqual([]);
  const bare = await packed(from, base, false);
  expect([...filesIn(bare).keys()].filter((name) => name.startsWith("vectors/"))).toEqual([]);
  expect((await taken(none, bare, "bare")).notices).toEqual([]);
  await Promise.all([other.close(), none.close()]);
});

describe("what cannot be imported changes nothing", () => {
  let into: OpenStore;
  beforeAll(async () => {
    into = openStore({ embedders: [hashEmbedder("hash")] });
    await into.add((await into.store.create({ name: "mine" })).id, { "mine.txt": "What I have." });
  });
  afterAll(async () => await into.close());

  /** Every row there is. */
  const state = () =>
    ["kb_bases", "kb_documents", "kb_passages", "kb_places", "kb_spaces", "kb_vectors", "kb_questions"].map((table) =>
      into.database.open().prepare(`SELECT * FROM ${table}`).all(),
    );

  test("a name that is taken", async () => {
    const before = state();
    await expect(taken(into, archive, "Mine")).rejects.toMatchObject({ status: 409 });
    expect(state()).toEqual(before);
  });

  const zeros = (length: number) => Buffer.alloc(length);
  test.each<[string, () => Buffer, RegExp]>([
    ["nothing", () => zeros(0), /^the file is empty$/],
    ["something else", () => Buffer.from("PK\x03\x04 and so on"), /^the file is damaged, or no export/],
    ["another archive", () => archiveOf(new Map([["readme.txt", Buffer.from("hi")]])), /^"readme.txt" is no part of an exported/],
    [
      "a path that leads out",
      () => archiveOf(new Map([["../../etc/passwd", Buffer.from("hi")]])),
      /"..\/..\/etc\/passwd" is no part/,
    ],
    ["an absolute path", () => archiveOf(new Map([["/etc/passwd", Buffer.from("hi")]])), /"\/etc\/passwd" is no part/],
    [
      "other JSON",
      () => archiveOf(new Map([["manifest.json", Buffer.from("[]")]])),
      /^the file is no export of a knowledge base$/,
    ],
    ["no JSON", () => archiveOf(new Map([["manifest.json", Buffer.from("{")]])), /^manifest.json in the file is no JSON$/],
    ["a link", () => link(), /"documents\/00000001.json" in it is no plain file/],
    ["a newer format", () => edited("manifest.json", (value) => Object.assign(value, { version: 2 })), /newer Puna \(format 2/],
    [
      "too many documents",
      () => edited("manifest.json", (value) => Object.assign(value, { documents: 5 })),
      /documents\/00000005.json should stand there/,
    ],
    [
      "too few",
      () => edited("manifest.json", (value) => Object.assign(value, { documents: 3 })),
      /questions.json should stand there/,
    ],
    [
      "absurdly many",
      () => edited("manifest.json", (value) => Object.assign(value, { documents: 1e12 })),
      /^manifest.json in the file cannot be: documents/,
    ],
    ["wrong passages", () => edited("manifest.json", (value) => Object.assign(value, { passages: 3 })), /passages, not 3$/],
    ["wrong questions", () => edited("manifest.json", (value) => Object.assign(value, { questions: 3 })), /2 questions, not 3$/],
    [
      "settings that cannot be",
      () => edited("manifest.json", (value) => Object.assign(value.settings, { passage_tokens: 9e9 })),
      /passages of 9000000000/,
    ],
    ["a name that is none", () => edited("manifest.json", (value) => Object.assign(value, { name: "../up" })), /needs a name/],
    [
      "a passage past the end",
      () => edited(FIRST, (value) => Object.assign(value.passages[0], { end: 1e6 })),
      /a passage is not where it can be/,
    ],
    [
      "a passage turned round",
      () => edited(FIRST, (value) => Object.assign(value.passages[0], { start: 9, end: 3 })),
      /a passage is not where/,
    ],
    [
      "blocks on each other",
      () => edited(FIRST, (value) => value.blocks.push(value.blocks[0])),
      /a block is not where it can be/,
    ],
    [
      "half a character",
      () => edited(FIRST, (value) => Object.assign(value, { text: `${value.text}\ud800` })),
      /text: has what is no character/,
    ],
    [
      "a kind that is none",
      () => edited(FIRST, (value) => Object.assign(value.passages[0], { kind: "poem" })),
      /passages.0.kind/,
    ],
    [
      "a document twice",
      () => changed((files) => files.set("documents/00000002.json", files.get(FIRST) ?? zeros(0))),
      /^(vectors\/00000002|the file has the document)/,
    ],
    ["a place twice", () => edited(FIRST, (value) => value.places.push(value.places[0])), /^the file has two documents at/],
    [
      "vectors that are none",
      () => changed((files) => files.set("vectors/00000001.f32", nan(files))),
      /vector 1 has the length NaN/,
    ],
    ["vectors of another length", () => changed((files) => files.set("vectors/00000001.f32", zeros(36))), /would take/],
    [
      "a question of nowhere",
      () => edited("questions.json", (value) => Object.assign(value[0].place, { document: 9 })),
      /there is no document 9/,
    ],
    ["no checksums", () => archiveOf(without("SHA256SUMS")), /SHA256SUMS is missing/],
    [
      "a wrong checksum",
      () => archiveOf(filesIn(archive).set(FIRST, Buffer.concat([filesIn(archive).get(FIRST) ?? zeros(0), Buffer.from(" ")]))),
      /^the file is damaged: the checksum of documents\/00000001.json is wrong$/,
    ],
    [
      "more behind it",
      () => archiveOf(filesIn(archive).set("documents/00000009.json", Buffer.from("{}"))),
      /nothing may stand behind the checksums/,
    ],
    [
      "text after its end",
      () => gzipSync(Buffer.concat([gunzipSync(archive), Buffer.from("x")])),
      /something stands behind its end/,
    ],
    ["a bomb", () => bomb(), /refused as an archive bomb/],
    ["a file said to be huge", () => huge(), /is said to have 8589934591 bytes/],
  ])("%s", async (_, make, message) => {
    const before = state();
    const refused = taken(into, make());
    await expect(refused).rejects.toThrow(message);
    await expect(refused).rejects.toMatchObject({ status: 400 });
    expect(state()).toEqual(before);
  });

  test("cut off anywhere, or any byte of it another: refused, or the very same base", async () => {
    const before = state();
    const { base: copy } = await taken(into, archive, "copy");
    const expected = filesIn(await packed(into, copy.id));
    await into.store.remove(copy.id);
    const at = fc.nat(archive.length - 1);
    const broken = fc.oneof(
      at.map((end) => archive.subarray(0, end)),
      fc.tuple(at, fc.integer({ min: 1, max: 255 })).map(([where, bits]) => {
        const bytes = Buffer.from(archive);
        bytes[where] = (bytes[where] ?? 0) ^ bits;
        return bytes;
      }),
    );
    await fc.assert(
      fc.asyncProperty(broken, async (bytes) => {
        const result = await taken(into, bytes, "copy").catch((error) => error);
        if (result instanceof Error) expect(result).toMatchObject({ status: 400 });
        else {
          // A byte of gzip's header that says nothing.
          expect(filesIn(await packed(into, result.base.id)).get(FIRST)).toEqual(expected.get(FIRST));
          await into.store.remove(result.base.id);
        }
        expect(state()).toEqual(before);
      }),
      { numRuns: 60 },
    );
  });

  test("an import that dies in the middle leaves nothing after the next start", async () => {
    const before = state();
    const arriving = await into.store.writer.beginArrival({
      owner: "",
      name: "half",
      settings: {},
      who: `${os.hostname()} 999999999 x`,
    });
    const [number, document] = [1, filesIn(archive).get(FIRST) ?? zeros(0)];
    await into.store.writer.takeParts(arriving.id, [{ number, document, vectors: undefined }], undefined);
    expect(into.store.list().map(({ name }) => name)).toEqual(["mine"]);
    expect(() => into.store.named("half")).toThrow("there is no knowledge base");
    await into.store.resume();
    await into.store.writer.readyIndex();
    expect(state()).toEqual(before);
  });

  function without(name: string): Map<string, Buffer> {
    const files = filesIn(archive);
    files.delete(name);
    return files;
  }

  function nan(files: Map<string, Buffer>): Buffer {
    const bytes = Buffer.from(files.get("vectors/00000001.f32") ?? zeros(0));
    bytes.writeFloatLE(Number.NaN, 0);
    return bytes;
  }

  function link(): Buffer {
    const tar = gunzipSync(archive);
    const at = tar.indexOf(FIRST);
    tar.write("2", at + 156, "latin1");
    return gzipSync(resummed(tar, at));
  }

  function huge(): Buffer {
    const tar = gunzipSync(archive);
    tar.write("77777777777", 124, "latin1");
    return gzipSync(resummed(tar, 0));
  }

  function resummed(tar: Buffer, at: number): Buffer {
    tar.write("        ", at + 148, "latin1");
    const sum = tar.subarray(at, at + 512).reduce((total, byte) => total + byte, 0);
    tar.write(`${sum.toString(8).padStart(6, "0")}\0 `, at + 148, "latin1");
    return tar;
  }

  function bomb(): Buffer {
    const files = filesIn(archive);
    files.set(FIRST, Buffer.concat([files.get(FIRST) ?? zeros(0), Buffer.alloc(120 << 20, " ")]));
    return archiveOf(files);
  }
});

test("an export that nobody reads ends, and holds the database no longer", async () => {
  const large = openStore();
  const { id } = await large.store.create({ name: "large" });
  const noise = randomBytes(300_000).toString("base64").replace(/.{40}/g, "$& ");
  await large.add(id, { "noise.txt": noise, "more.txt": `${noise} and so on` });
  const stream = packedBase(large.store, large.home, id, { withVectors: true, idleMs: 100 });
  await expect(new Promise((_, reject) => stream.once("error", reject))).rejects.toThrow("nobody read for 0.1 s");
  await large.close();
});
