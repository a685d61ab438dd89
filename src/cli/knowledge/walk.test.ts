import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
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

test("hidden and ignored files and those without text are left out, links are not followed", async () => {
  for (const name of ["b.md", "a.txt", ".env", ".git/config", "photo.JPG", "build/out.md", "node/x.md"]) write(name);
  for (const name of ["guide/one.md", "guide/two.draft.md", "guide/keep/three.draft.md"]) write(name);
  write(".gitignore", "node/\n");
  write(".punaignore", "build/\n*.draft.md\n");
  write("guide/keep/.punaignore", "!three.draft.md\n");
  symlinkSync(root, path.join(root, "circle"));
  symlinkSync("/etc/hostname", path.join(root, "link.md"));
  const { files, unread } = await walk(root);
  const names = files.map((file) => path.relative(root, file));
  expect(names).toEqual(["a.txt", "b.md", "guide/keep/three.draft.md", "guide/one.md"]);
  expect(unread).toEqual([]);
});

test("a folder that is none", async () => {
  await expect(walk(path.join(root, "nowhere"))).rejects.toThrow(/cannot read the folder .*nowhere/);
});

test.skipIf(process.getuid?.() === 0)(
  "a folder inside that may not be read is told, and the rest is found (not as root)",
  async () => {
    write("locked/c.md");
    chmodSync(path.join(root, "locked"), 0);
    const { files, unread } = await walk(root);
    chmodSync(path.join(root, "locked"), 0o700);
    expect(files.length).toBeGreaterThan(0);
    expect(unread).toEqual([{ folder: path.join(root, "locked"), reason: expect.stringContaining("permission denied") }]);
  },
);
