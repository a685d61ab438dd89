import { expect, test } from "vitest";
import { matchesName } from "./glob.ts";
import { Ignores } from "./ignore.ts";

/** As `git check-ignore` answers; a path that ends in a slash is a folder. */
const isIgnored = (rules: string, path: string, folder: string[] = []) =>
  new Ignores().with(folder, rules).has(path.replace(/\/$/, "").split("/"), path.endsWith("/"));

test.each([
  ["*.log", "a.log", true],
  ["*.log", "deep/er/a.log", true],
  ["*.log", "a.logs", false],
  ["/a.txt", "a.txt", true],
  ["/a.txt", "deep/a.txt", false],
  ["build/", "build/", true],
  ["build/", "build", false],
  ["build/", "deep/build/", true],
  ["docs/*.md", "docs/a.md", true],
  ["docs/*.md", "docs/deep/a.md", false],
  ["docs/*.md", "x/docs/a.md", false],
  ["docs/**/a.md", "docs/a.md", true],
  ["docs/**/a.md", "docs/x/y/a.md", true],
  ["**/a", "x/y/a", true],
  ["a/**", "a/b/c", true],
  ["a/**", "a/", false],
  ["?.txt", "a.txt", true],
  ["[a-c].txt", "b.txt", true],
  ["[!a-c].txt", "b.txt", false],
  ["[]x].txt", "].txt", true],
  ["\\!important", "!important", true],
  ["\\#file", "#file", true],
  ["# comment", "# comment", false],
  ["trailing  ", "trailing", true],
  ["*.md\n!keep.md", "keep.md", false],
  ["*.md\n!keep.md\nkeep.md", "keep.md", true],
  ["笔记*", "笔记本.md", true],
])("%j and %s: %s", (rules, path, verdict) => expect(isIgnored(rules, path)).toBe(verdict));

test("a file's rules hold below its folder, and the deeper file has the last word", () => {
  expect(isIgnored("/x", "deep/x", ["deep"])).toBe(true);
  const both = new Ignores().with([], "*.md").with(["deep"], "!a.md");
  expect([both.has(["a.md"], false), both.has(["deep", "a.md"], false), both.has(["deep", "b.md"], false)]).toEqual([
    true,
    false,
    true,
  ]);
});

test("a pattern made of stars takes no time", () => {
  const before = process.cpuUsage();
  expect(matchesName("*a".repeat(500), `${"a".repeat(5000)}b`)).toBe(false);
  expect(process.cpuUsage(before).user).toBeLessThan(5_000_000);
});
