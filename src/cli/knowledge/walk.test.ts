import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterAll, expect, test } from "vitest";
import { walk } from "./walk.ts";

const root = mkdtempSync(path.join(os.tmpdir(), "puna-walk-"));
afterAll(() => rmSync(root, { recursive: true, force: true }));

function write(name: string, text = "x"): void {
  mkdirSync(path.dirname(path.join(root, name)), { recursive: true });
  writeFileSync(path.join(root, name), text);
}

test("hidden and ignored files are left out, links are not followed", async () => {
  write("b.md");
  write("a.txt");
  write(".env");
  write(".git/config");
  write("guide/one.md");
  write("guide/two.draft.md");
  write("guide/keep/three.draft.md");
  write("build/out.md");
  write(".punaignore", "build/\n*.draft.md\n");
  write("guide/keep/.punaignore", "!three.draft.md\n");
  symlinkSync(root, path.join(root, "circle"));
  symlinkSync("/etc/hostname", path.join(root, "link.md"));
  const found = await walk(root);
  expect(found.map(({ name }) => name)).toEqual(["a.txt", "b.md", "guide/keep/three.draft.md", "guide/one.md"]);
  expect(found[3]?.file).toBe(path.join(root, "guide/one.md"));
});

test("a folder that is none", async () => {
  await expect(walk(path.join(root, "nowhere"))).rejects.toThrow(/cannot read the folder .*nowhere/);
});
