/** GGUF files used where they lie: read like blobs, never written, noticed when they change. */
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, statSync, utimesSync, writeFileSync } from "node:fs";
import path from "node:path";
import { Readable } from "node:stream";
import { afterEach, beforeEach, expect, test } from "vitest";
import { embeddings, metadata, sha256, Workbench } from "../../test/models/workbench.ts";
import { configureLog } from "../log.ts";
import { writeGguf } from "./gguf/write.ts";
import { parseName } from "./name.ts";
import { ModelStore } from "./store.ts";

configureLog({ write: () => {} });

let bench: Workbench;
let file: string;
let content: Buffer;
const m = parseName("m")!;
beforeEach(async () => {
  bench = new Workbench();
  mkdirSync(path.join(bench.folder, "elsewhere"));
  file = path.join(bench.folder, "elsewhere", "weights.gguf");
  await writeGguf(file, { metadata, tensors: [embeddings] });
  content = readFileSync(file);
});
afterEach(() => bench[Symbol.dispose]());

async function refer(to = file): Promise<string> {
  let digest: string | undefined;
  for await (const progress of bench.store.blobs.references.add(to)) digest ??= progress.digest;
  return digest ?? "";
}
async function createInPlace() {
  const digest = await refer();
  await bench.create({ files: { "weights.gguf": digest } });
  return digest;
}
const blobFiles = () => readdirSync(bench.store.blobs.folder).sort();
const records = () =>
  existsSync(path.join(bench.store.root, "references")) ? readdirSync(path.join(bench.store.root, "references")) : [];

test("a model of a file elsewhere is like any other, and the store's own folders hold no copy", async () => {
  const digest = await createInPlace();
  expect(digest).toBe(sha256(content));
  expect(blobFiles()).not.toContain(digest.replace(":", "-"));
  const model = await bench.open();
  expect(model.modelPath).toBe(file);
  expect(model.header?.architecture).toBe("llama");
  expect(model.manifest.layers[0]).toMatchObject({ digest, size: content.length });
  expect(model.size).toBeGreaterThan(content.length);
  expect([await bench.store.hasBlob(digest), await bench.store.blobs.size(digest)]).toEqual([true, content.length]);
  expect(await bench.store.putBlob(digest, Readable.from([]))).toBe("exists");
  expect((await new ModelStore(bench.store.root).open(m)).modelPath).toBe(file);
});

test("a file that changed or went is said so, and put right by bringing it back", async () => {
  const digest = await createInPlace();
  const { atimeMs, mtimeMs } = statSync(file);
  utimesSync(file, atimeMs / 1000, mtimeMs / 1000 + 5);
  const changed = `model 'm:latest' is incomplete: the file ${file}, which it uses in place, has changed since: create the model again`;
  await expect(bench.open()).rejects.toThrow(changed);
  expect(await bench.store.hasBlob(digest)).toBe(false);
  writeFileSync(file, Buffer.concat([content, Buffer.from("more")]));
  await expect(bench.open()).rejects.toThrow(changed);
  renameSync(file, `${file}.away`);
  await expect(bench.open()).rejects.toThrow(`the file ${file}, which it uses in place, is gone: put it back`);
  expect(await bench.store.list()).toHaveLength(1);
  writeFileSync(file, content);
  await createInPlace();
  expect((await bench.open()).modelPath).toBe(file);
});

test("a copy that is uploaded later takes its place", async () => {
  const digest = await createInPlace();
  writeFileSync(file, "something else");
  expect(await bench.store.putBlob(digest, Readable.from([content]))).toBe("created");
  expect((await bench.open()).modelPath).toBe(bench.store.blobs.path(digest));
});

test("nothing that happens to models touches the file", async () => {
  const before = statSync(file).mtimeMs;
  const digest = await createInPlace();
  await bench.store.copy(m, parseName("second")!);
  await bench.store.delete(m);
  expect(records()).toHaveLength(1);
  await bench.store.blobs.touch(digest);
  await bench.store.delete(parseName("second")!);
  expect(records()).toEqual([]);
  await refer();
  const old = Date.now() / 1000 - 7200;
  for (const name of records()) utimesSync(path.join(bench.store.root, "references", name), old, old);
  await bench.store.prune();
  expect(records()).toEqual([]);
  expect([statSync(file).mtimeMs, readFileSync(file).equals(content)]).toEqual([before, true]);
});

test("a young record, or one in use, stays", async () => {
  await createInPlace();
  const old = Date.now() / 1000 - 7200;
  for (const name of records()) utimesSync(path.join(bench.store.root, "references", name), old, old);
  const other = path.join(bench.folder, "elsewhere", "other");
  writeFileSync(other, "x");
  await refer(other);
  await bench.store.prune();
  expect(records()).toHaveLength(2);
});

test("what is no file is refused", async () => {
  await expect(refer("relative.gguf")).rejects.toThrow('"relative.gguf" is not an absolute path');
  await expect(refer(path.dirname(file))).rejects.toThrow(`${path.dirname(file)} is not a file`);
  await expect(refer("/nowhere/x.gguf")).rejects.toThrow("cannot read /nowhere/x.gguf");
  expect(records()).toEqual([]);
});

test("a file that changes while it is read is refused", async () => {
  writeFileSync(file, Buffer.alloc(3 << 20));
  const reading = (async () => {
    let grown = false;
    for await (const _ of bench.store.blobs.references.add(file)) {
      if (!grown) writeFileSync(file, Buffer.alloc(4 << 20));
      grown = true;
    }
  })();
  await expect(reading).rejects.toThrow("changed while it was read");
  expect(records()).toEqual([]);
});

test("a damaged record counts as none", async () => {
  const digest = await createInPlace();
  for (const text of ["", "[]", '{"path":"relative"}', '{"path":7}']) {
    writeFileSync(path.join(bench.store.root, "references", `${digest.replace(":", "-")}.json`), text);
    await expect(bench.open()).rejects.toThrow(
      `model 'm:latest' is incomplete: its blob ${digest} is missing; pull or create it again`,
    );
  }
});
