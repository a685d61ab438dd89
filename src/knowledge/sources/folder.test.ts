import { chmodSync, mkdirSync, renameSync, rmSync, symlinkSync, utimesSync, writeFileSync } from "node:fs";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { type Library, library, told, write } from "../../../test/support/sources.ts";
import { configureLog } from "../../log.ts";

configureLog({ write: () => {} });

let lib: Library;
beforeEach(async () => {
  lib = await library();
});
afterEach(() => lib.close());

const at = (name: string) => path.join(lib.folder, name);
const folder = async () => await lib.add({ kind: "folder", location: lib.folder });
/** Long ago: a file that is younger than a step of the clock is read twice. */
const age = (name: string, seconds = 100) => utimesSync(at(name), Date.now() / 1000 - seconds, Date.now() / 1000 - seconds);
const names = () => lib.store.documents(lib.base).map(({ name }) => name);
/** Everything that was ever written by this process, in rows. */
const writes = () => Number(lib.database.statement("SELECT total_changes() AS n").get()?.n);

test("added, changed, removed, unchanged", async () => {
  write(lib.folder, { "a.md": "# A\n\nAlpha is here.", "deep/b.txt": "Beta is here.", "c.md": "Gamma is here." });
  const source = await folder();
  expect(told(source.result)).toBe("+3 ~0 -0 =0 !0");
  expect(await lib.sync(source)).toBe("+0 ~0 -0 =3 !0");
  write(lib.folder, { "a.md": "# A\n\nAlpha has changed.", "d.md": "Delta is new." });
  rmSync(at("c.md"));
  expect(await lib.sync(source)).toBe("+1 ~1 -1 =1 !0");
  expect(names().sort()).toEqual(["a.md", "b.txt", "d.md"]);
  expect(
    lib.sources.get(lib.base, source.id).result?.changes.map(({ change, place }) => `${change} ${path.basename(place)}`),
  ).toEqual(["changed a.md", "added d.md", "removed c.md"]);
});

test("a second look at a thousand unchanged files writes nothing", async () => {
  for (let n = 0; n < 1000; n++) write(lib.folder, { [`${n % 20}/${n}.md`]: `# Note ${n}\n\nThis is what note ${n} says.` });
  const source = await folder();
  expect(told(source.result)).toBe("+1000 ~0 -0 =0 !0");
  const before = writes();
  expect(await lib.sync(source)).toBe("+0 ~0 -0 =1000 !0");
  expect(writes()).toBe(before);
  // Also after a restart.
  lib = await lib.restart();
  const opened = writes();
  expect(await lib.sync(source)).toBe("+0 ~0 -0 =1000 !0");
  expect(writes()).toBe(opened);
});

test("a file that was only renamed, copied or touched is not read anew", async () => {
  write(lib.folder, { "old.md": "Something that stays as it is.", "copied.md": "Something else." });
  const source = await folder();
  const parse = vi.spyOn(lib.store, "parse");
  renameSync(at("old.md"), at("new.md"));
  write(lib.folder, { "copy.md": "Something else." });
  age("copied.md", 50);
  const before = lib.places();
  expect(await lib.sync(source)).toBe("+2 ~0 -1 =1 !0");
  expect(parse).not.toHaveBeenCalled();
  const [copied, old] = before.map((place) => place.split(" ")[1]);
  expect(lib.places()).toEqual([`copied.md ${copied}`, `copy.md ${copied}`, `new.md ${old}`]);
  expect(names().sort()).toEqual(["copied.md", "new.md"]);
});

test("a change that leaves size and date as they were, right after the file was written", async () => {
  write(lib.folder, { "a.md": "first text" });
  const now = new Date();
  utimesSync(at("a.md"), now, now);
  const source = await folder();
  // What a file system with a coarse clock would show: the same date of the entry as well.
  vi.spyOn(Date, "now").mockReturnValue(now.getTime());
  write(lib.folder, { "a.md": "other text" });
  utimesSync(at("a.md"), now, now);
  vi.restoreAllMocks();
  expect(await lib.sync(source)).toBe("+0 ~1 -0 =0 !0");
});

test("hidden, ignored and unreadable kinds of files, and links that lead out", async () => {
  const outside = path.join(lib.home, "outside");
  write(outside, { "secret.md": "Not for this base." });
  write(lib.folder, {
    "seen.md": "Seen.",
    ".hidden/a.md": "Hidden.",
    ".env": "KEY=1",
    "picture.png": "PNG",
    "node_modules/x/readme.md": "Ignored.",
    ".gitignore": "node_modules/\n*.tmp.md\n",
    ".punaignore": "drafts\n!drafts/keep.md\n",
    "drafts/a.md": "Ignored too.",
    "sub/b.tmp.md": "Ignored as well.",
    "sub/.punaignore": "c.md",
    "sub/c.md": "By the folder's own file.",
    "sub/d.md": "Seen, too.",
  });
  symlinkSync(path.join(outside, "secret.md"), at("link.md"));
  symlinkSync(outside, at("linked"));
  symlinkSync(lib.folder, at("loop"));
  symlinkSync(at("seen.md"), at("inside.md"));
  const source = await folder();
  expect(told(source.result)).toBe("+3 ~0 -0 =0 !0");
  expect(lib.places().map((place) => place.split(" ")[0])).toEqual(["inside.md", "seen.md", path.join("sub", "d.md")]);
});

test("a file that becomes a link out of the folder before it is read", async () => {
  write(lib.home, { "secret.md": "Not for this base." });
  write(lib.folder, { "a.md": "Harmless." });
  const read = lib.store.importer;
  const wake = vi.spyOn(read, "wake").mockImplementation(() => {});
  const made = await lib.sources.create(lib.base, { kind: "folder", location: lib.folder, options: {}, everyMs: undefined });
  await vi.waitFor(() => expect(lib.store.jobs(lib.base)).toHaveLength(1));
  rmSync(at("a.md"));
  symlinkSync(path.join(lib.home, "secret.md"), at("a.md"));
  wake.mockRestore();
  read.wake();
  await lib.sources.sync(made.id);
  expect(lib.store.documents(lib.base)).toEqual([]);
  expect(lib.store.items(1).map(({ state, code }) => [state, code])).toEqual([["failed", "outside"]]);
});

describe("what cannot be read", () => {
  test("fails with its reason, once, and stays failed until it changes or somebody asks", async () => {
    write(lib.folder, { "empty.md": "", "good.md": "Good." });
    const source = await folder();
    expect(told(source.result)).toBe("+1 ~0 -0 =0 !1");
    expect(source.result?.changes).toContainEqual({
      place: at("empty.md"),
      change: "failed",
      reason: "empty.md is empty: it has 0 bytes",
    });
    const before = writes();
    expect(await lib.sync(source)).toBe("+0 ~0 -0 =1 !1");
    expect(writes()).toBe(before);
    expect(await lib.sync(source, { again: true })).toBe("+0 ~0 -0 =1 !1");
    expect(writes()).toBeGreaterThan(before);
    write(lib.folder, { "empty.md": "Not any more." });
    expect(await lib.sync(source)).toBe("+0 ~1 -0 =1 !0");
  });

  test.skipIf(process.getuid?.() === 0)(
    "a folder in it that is locked keeps what was read of it (skipped for root)",
    async () => {
      write(lib.folder, { "sub/a.md": "Kept.", "b.md": "Here." });
      const source = await folder();
      chmodSync(at("sub"), 0);
      try {
        expect(await lib.sync(source)).toBe("+0 ~0 -0 =1 !1");
      } finally {
        chmodSync(at("sub"), 0o755);
      }
      expect(lib.places()).toHaveLength(2);
    },
  );

  test("the folder itself is gone: nothing is removed", async () => {
    write(lib.folder, { "a.md": "Here." });
    const source = await folder();
    renameSync(lib.folder, `${lib.folder}-away`);
    expect(await lib.sync(source)).toBe(`the folder ${lib.folder} is not there; what was read of it stays`);
    expect(lib.places()).toHaveLength(1);
    renameSync(`${lib.folder}-away`, lib.folder);
    expect(await lib.sync(source)).toBe("+0 ~0 -0 =1 !0");
  });
});

test("two sources that hold the same file: it goes with the last", async () => {
  write(lib.folder, { "sub/a.md": "In both." });
  const outer = await folder();
  const inner = await lib.add({ kind: "folder", location: at("sub") });
  rmSync(at("sub/a.md"));
  expect(await lib.sync(inner)).toBe("+0 ~0 -1 =0 !0");
  expect(lib.places()).toHaveLength(1);
  expect(await lib.sync(outer)).toBe("+0 ~0 -1 =0 !0");
  expect(lib.places()).toEqual([]);
});

test("a source is forgotten, with or without what it held", async () => {
  write(lib.folder, { "a.md": "Here." });
  const first = await folder();
  await lib.sources.remove(lib.base, first.id);
  expect([lib.sources.list(lib.base), lib.places().length]).toEqual([[], 1]);
  const second = await folder();
  await lib.sources.remove(lib.base, second.id, { documents: true });
  expect([lib.sources.list(lib.base), lib.places().length]).toEqual([[], 0]);
});

test("a document that somebody took out comes back only when its file changes", async () => {
  write(lib.folder, { "a.md": "Here.", "b.md": "There." });
  const source = await folder();
  const taken = lib.store.documents(lib.base).find(({ name }) => name === "a.md");
  await lib.store.removeDocument(lib.base, taken?.id ?? 0);
  expect(await lib.sync(source)).toBe("+0 ~0 -0 =2 !0");
  expect(names()).toEqual(["b.md"]);
  write(lib.folder, { "a.md": "Here again." });
  expect(await lib.sync(source)).toBe("+0 ~1 -0 =1 !0");
  expect(names()).toEqual(["b.md", "a.md"]);
});

test("a look that was cut off is done again, with the same end", async () => {
  for (let n = 0; n < 30; n++) write(lib.folder, { [`${n}.md`]: `Note ${n} says this.` });
  const source = await lib.sources.create(lib.base, { kind: "folder", location: lib.folder, options: {}, everyMs: undefined });
  await vi.waitFor(() => expect(lib.store.documents(lib.base).length).toBeGreaterThan(3));
  lib = await lib.restart();
  await lib.store.resume();
  lib.sources.start();
  await vi.waitFor(
    () => expect(lib.sources.get(lib.base, source.id)).toMatchObject({ state: "idle", lookedAt: expect.any(Number) }),
    {
      timeout: 20_000,
    },
  );
  expect(await lib.sync(source)).toBe("+0 ~0 -0 =30 !0");
  expect(new Set(lib.places().map((place) => place.split(" ")[1])).size).toBe(30);
});

test("closing does not wait for an import that takes long", async () => {
  write(lib.folder, { "a.md": "Here." });
  let isReading = false;
  let end = () => {};
  vi.spyOn(lib.store, "parse").mockImplementation(async () => {
    isReading = true;
    await new Promise<void>((resolve) => {
      end = resolve;
    });
    throw new Error("too late");
  });
  await lib.sources.create(lib.base, { kind: "folder", location: lib.folder, options: {}, everyMs: undefined });
  await vi.waitFor(() => expect(isReading).toBe(true));
  await lib.sources.close();
  end();
});

test("what a removed base watched is not looked at any more", async () => {
  write(lib.folder, { "a.md": "Here." });
  const source = await lib.add({ kind: "folder", location: lib.folder, options: { watch: true } });
  await lib.store.remove(lib.base);
  expect(await lib.sources.settled(source.id)).toBeUndefined();
  write(lib.folder, { "b.md": "There." });
  await new Promise((resolve) => setTimeout(resolve, 200));
  expect(lib.sources.list(lib.base)).toEqual([]);
});

test("a watched folder is looked at when something in it changes", async () => {
  write(lib.folder, { "a.md": "Here." });
  const source = await lib.add({ kind: "folder", location: lib.folder, options: { watch: true } });
  const seen = async (places: string[]) =>
    await vi.waitFor(() => expect(lib.places().map((place) => place.split(" ")[0])).toEqual(places), { timeout: 10_000 });
  writeFileSync(at("b.md"), "There.");
  await seen(["a.md", "b.md"]);
  mkdirSync(at("new"));
  await lib.sync(source);
  writeFileSync(at("new/c.md"), "Deeper.");
  await seen(["a.md", "b.md", path.join("new", "c.md")]);
  rmSync(at("a.md"));
  await seen(["b.md", path.join("new", "c.md")]);
});

test("a schedule is kept, also over a restart", async () => {
  write(lib.folder, { "a.md": "Here." });
  const source = await lib.add({ kind: "folder", location: lib.folder, everyMs: 3600_000 });
  write(lib.folder, { "b.md": "There." });
  lib = await lib.restart();
  lib.sources.start();
  await new Promise((resolve) => setTimeout(resolve, 100));
  expect(lib.places()).toHaveLength(1);
  const later = Date.now() + 3_700_000;
  vi.spyOn(Date, "now").mockImplementation(() => later);
  await vi.waitFor(() => expect(lib.places()).toHaveLength(2), { timeout: 10_000 });
  vi.restoreAllMocks();
  expect(lib.sources.get(lib.base, source.id).nextAt).toBeGreaterThan(later);
});

test("what cannot be a source is refused", async () => {
  const create = async (location: string, more = {}) =>
    await lib.sources.create(lib.base, { kind: "folder", location, options: {}, everyMs: undefined, ...more });
  await expect(create("relative")).rejects.toThrow("is not absolute");
  await expect(create(at("missing"))).rejects.toThrow("is not there");
  write(lib.folder, { "a.md": "x" });
  await expect(create(at("a.md"))).rejects.toThrow("is no folder");
  await expect(create(lib.folder, { everyMs: 1000 })).rejects.toThrow("every minute at most");
  await create(lib.folder);
  await expect(create(lib.folder)).rejects.toThrow("is a source of this knowledge base already");
});
