import { expect, test } from "vitest";
import { parseIgnore } from "./ignore.ts";

function ignores(text: string, path: string, kind: "file" | "folder" = "file"): boolean | undefined {
  return parseIgnore(text)(path, kind);
}

test.each([
  ["*.log", "a.log", true],
  ["*.log", "deep/down/a.log", true],
  ["*.log", "a.log.md", undefined],
  ["/a.md", "a.md", true],
  ["/a.md", "deep/a.md", undefined],
  ["deep/*.md", "deep/a.md", true],
  ["deep/*.md", "other/deep/a.md", undefined],
  ["deep/*.md", "deep/down/a.md", undefined],
  ["**/drafts/*.md", "drafts/a.md", true],
  ["**/drafts/*.md", "x/y/drafts/a.md", true],
  ["a/**/z.md", "a/z.md", true],
  ["a/**/z.md", "a/b/c/z.md", true],
  ["old/**", "old/a/b.md", true],
  ["old/**", "old", undefined],
  ["page?.md", "page1.md", true],
  ["page?.md", "page12.md", undefined],
  ["page[0-3].md", "page2.md", true],
  ["page[!0-3].md", "page2.md", undefined],
  ["page[!0-3].md", "page7.md", true],
  ["page[^0-3].md", "page7.md", true],
  ["a[/]b", "a/b", undefined],
  ["a[z-a].md", "am.md", undefined],
  ["a[\\]x].md", "a].md", true],
  ["price (old)+.md", "price (old)+.md", true],
  ["\\#notes.md", "#notes.md", true],
  ["\\!notes.md", "!notes.md", true],
  ["# a.md", "# a.md", undefined],
  ["a.md   ", "a.md", true],
  ["草稿*.md", "笔记/草稿一.md", true],
  ["/", "a", undefined],
  ["", "a", undefined],
])("%j and %s: %s", (text, path, expected) => expect(ignores(text, path)).toBe(expected));

test("a slash at the end means folders", () => {
  expect(ignores("build/", "build", "folder")).toBe(true);
  expect(ignores("build/", "build", "file")).toBeUndefined();
  expect(ignores("build", "build", "folder")).toBe(true);
});

test("the last rule that matches decides", () => {
  expect(ignores("*.md\n!keep.md\r\n", "keep.md")).toBe(false);
  expect(ignores("!keep.md\n*.md", "keep.md")).toBe(true);
});

test("a pattern with many stars ends", () => {
  expect(ignores(`${"*a".repeat(30)}b`, "a".repeat(200))).toBeUndefined();
  expect(ignores(`${"*a".repeat(30)}`, "a".repeat(200))).toBe(true);
  expect(ignores(`${"**/a/".repeat(30)}b`, "a/".repeat(200))).toBeUndefined();
  expect(ignores("*ab*ab", "abab")).toBe(true);
  expect(ignores("*ab*ab", "abb")).toBeUndefined();
});
