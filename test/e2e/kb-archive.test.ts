/** `puna kb export` and `puna kb import`, as a person has them. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { servedHome } from "../support/served-home.ts";

let served: Awaited<ReturnType<typeof servedHome>>;
let cwd: string;
beforeAll(async () => {
  served = await servedHome();
  cwd = mkdtempSync(path.join(os.tmpdir(), "puna-kb-archive-"));
  writeFileSync(path.join(cwd, "llamas.txt"), "The llama lives in the high grassland.\n");
  expect(await run("create", "我的 notes")).toMatchObject({ code: 0 });
  expect(await run("add", "我的 notes", "llamas.txt")).toMatchObject({ code: 0 });
});
afterAll(async () => {
  await served[Symbol.asyncDispose]();
  rmSync(cwd, { recursive: true, force: true });
});

const run = (...words: string[]) => served.puna(["kb", ...words], { cwd });

test("out to a file and in again under another name", async () => {
  const exported = await run("export", "我的 notes");
  expect(exported).toMatchObject({ code: 0, err: "" });
  expect(exported.out).toMatch(/^exported '我的 notes' to 我的 notes\.kb\.tar\.gz \(\d+ B\)\n$/);
  const file = path.join(cwd, "我的 notes.kb.tar.gz");
  expect(statSync(file).mode & 0o777).toBe(0o600);
  expect(await run("import", "我的 notes.kb.tar.gz", "--name", "copy")).toEqual({
    ...{ code: 0, signal: null, err: "" },
    out: "imported 'copy': 1 document, 1 passage\n",
  });
  const [one, other] = [await run("search", "我的 notes", "llama", "--json"), await run("search", "copy", "llama", "--json")];
  const hits = (out: string) => JSON.parse(out).hits.map(({ text, score }: { text: string; score: number }) => [text, score]);
  expect(hits(one.out)).toHaveLength(1);
  expect(hits(other.out)).toEqual(hits(one.out));
});

test("what is there is not written over, and a name in use is said", async () => {
  writeFileSync(path.join(cwd, "mine.txt"), "mine");
  expect(await run("export", "我的 notes", "-o", "mine.txt")).toMatchObject({
    code: 1,
    out: "",
    err: "Error: mine.txt is there already: give another name with --output, or --force\n",
  });
  expect(readFileSync(path.join(cwd, "mine.txt"), "utf8")).toBe("mine");
  expect(await run("export", "我的 notes", "-o", "mine.txt", "--force", "--no-vectors")).toMatchObject({ code: 0 });
  expect(await run("import", "mine.txt")).toMatchObject({
    code: 1,
    err: 'Error: there is a knowledge base "我的 notes" already: choose another name\n',
  });
  expect((await run("export", "我的 notes", "-o", "nowhere/x.tar.gz")).err).toMatch(/^Error: cannot write nowhere\/x\.tar\.gz: /);
  expect(await run("export", "nothing")).toMatchObject({ code: 1, err: expect.stringContaining('no knowledge base "nothing"') });
  expect(readdirSync(cwd).filter((name) => name.endsWith(".part"))).toEqual([]);
});

test("files that cannot be imported say why", async () => {
  expect((await run("export", "我的 notes", "-o", "whole.tar.gz")).code).toBe(0);
  const whole = readFileSync(path.join(cwd, "whole.tar.gz"));
  writeFileSync(path.join(cwd, "cut.tar.gz"), whole.subarray(0, whole.length - 30));
  const { code, err } = await run("import", "cut.tar.gz", "--name", "half");
  expect([code, err]).toEqual([1, "Error: the file is cut off: it was not written, or not copied, to its end\n"]);
  expect((await run("import", "llamas.txt", "--name", "half")).err).toContain("no export of a knowledge base");
  expect((await run("import", "nothing.tar.gz")).err).toMatch(/^Error: cannot read nothing\.tar\.gz: /);
  expect((await run("import", ".")).err).toMatch(/^Error: cannot read \.: it is a folder/);
  expect((await run("list")).out).not.toContain("half");
});
