/** Real files of every format, from the test data beside the repository: offsets are exact, and no passage ends inside a sentence. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { PARSE_LIMITS } from "../../src/knowledge/parse/limits.ts";
import { readDocument } from "../../src/knowledge/parse/read.ts";
import { cutPassages } from "../../src/knowledge/passages/index.ts";
import type { ParsedDocument, Passage } from "../../src/knowledge/types.ts";

const folder = new URL("../../../shared/data/documents/", import.meta.url);
const present = existsSync(folder);
const files = present ? readdirSync(folder) : ["absent"];

/** A sentence's mark, quotes and brackets that close it, numbers of notes. */
const SENTENCE_END = /[.!?…。！？；][)\]"'”’」』）】*_`]*(?:\[[\w\s]+\])*$/;

const countTokens = (text: string) => (text.match(/\p{Script=Han}|[\p{L}\p{N}]{1,4}|[^\s\p{L}\p{N}]/gu) ?? []).length;

describe.skipIf(!present)(`documents${present ? "" : " (skipped: no ../shared/data/documents)"}`, () => {
  it.each(files)("%s", async (name) => {
    const document = await readDocument(new Uint8Array(readFileSync(new URL(name, folder))), { name, limits: PARSE_LIMITS });
    const passages = cutPassages(document, { countTokens, target: 200, most: 320 });
    expect(passages.length).toBeGreaterThan(0);
    let at = 0;
    for (const { start, end, tokens } of passages) {
      expect(document.text.slice(at, start).trim()).toBe("");
      expect(document.text.slice(start, end).trim()).not.toBe("");
      expect(tokens).toBeLessThanOrEqual(320);
      at = end;
    }
    expect(document.text.slice(at).trim()).toBe("");
    expect(
      passages.filter((passage) => isInsideSentence(document, passage)).map(({ start, end }) => document.text.slice(start, end)),
    ).toEqual([]);
  });
});

/** Neither at a sentence's mark, nor at the end of a block, an item, a row or a line of code; a sentence longer than a passage is let off. */
function isInsideSentence({ text, blocks }: ParsedDocument, { start, end }: Passage): boolean {
  const block = blocks.find((one) => one.start < end && one.end >= end);
  if (!block || block.end === end || SENTENCE_END.test(text.slice(start, end))) return false;
  if (block.kind !== "paragraph" && text[end] === "\n") return false;
  return !block || countTokens(text.slice(Math.max(start, block.start), block.end).split(/[.!?。！？]\s/)[0] ?? "") <= 320;
}
