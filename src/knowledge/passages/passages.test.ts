/** Passages: whole sentences under their headings, tables by rows, code by symbols, always slices of the text and within the limit. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readCode } from "../parse/code.ts";
import { Draft } from "../parse/draft.ts";
import { PARSE_LIMITS } from "../parse/limits.ts";
import { readMarkdown } from "../parse/markdown.ts";
import type { Passage } from "../types.ts";
import { cutPassages } from "./index.ts";

/** About what embedders count: an ideograph is a token, a word is one for each four letters. */
function countTokens(text: string): number {
  const words = text.match(/\p{Script=Han}|[\p{L}\p{N}]+|[^\s\p{L}\p{N}]/gu) ?? [];
  return words.reduce((sum, word) => sum + Math.ceil(word.length / 4), 0);
}

function cut(
  document: { text: string; blocks: ReturnType<typeof readMarkdown>["blocks"] },
  target = 20,
  most = 32,
): [string, Passage][] {
  return cutPassages(document, { countTokens, target, most }).map((passage) => [
    document.text.slice(passage.start, passage.end),
    passage,
  ]);
}

const texts = (passages: [string, Passage][]) => passages.map(([text]) => text);

describe("prose", () => {
  const text =
    "# Llamas\n\nLlamas live high up. They eat grass, as Dr. Who said. They carry loads for days.\n\n## Wool\n\nIt is warm. It is light.\n";

  it("packs whole sentences and begins anew at each heading", () => {
    const passages = cut(readMarkdown(text), 16);
    expect(texts(passages)).toEqual([
      "# Llamas\n\nLlamas live high up.",
      "They eat grass, as Dr. Who said.",
      "They carry loads for days.",
      "## Wool\n\nIt is warm. It is light.",
    ]);
    expect(passages.map(([, { headings }]) => headings)).toEqual([["Llamas"], ["Llamas"], ["Llamas"], ["Llamas", "Wool"]]);
  });

  it("packs Chinese, and keeps quotes with their sentence", () => {
    const chinese = "他问：“羊驼在哪里？”没有人回答。羊驼站在高原上。风很大。草很黄。";
    expect(texts(cut(readMarkdown(chinese), 12, 16))).toEqual([
      "他问：“羊驼在哪里？”",
      "没有人回答。",
      "羊驼站在高原上。风很大。",
      "草很黄。",
    ]);
  });

  it("keeps a title with the first words below, through several headings", () => {
    const passages = cut(readMarkdown("# A\n\n## B\n\n### C\n\nWords.\n\n# D\n"));
    expect(texts(passages)).toEqual(["# A\n\n## B\n\n### C\n\nWords.", "# D"]);
    expect(passages[0]?.[1].headings).toEqual(["A", "B", "C"]);
    expect(passages[1]?.[1].headings).toEqual(["D"]);
  });

  it("parts a sentence that alone is over the limit: at commas, then between words", () => {
    const long = `${"one two three four, ".repeat(12).trim()}.`;
    const passages = cut(readMarkdown(long), 20, 20);
    expect(passages.every(([piece, { tokens }]) => tokens <= 20 && /[,.]$/.test(piece))).toBe(true);
    const words = cut(readMarkdown("word ".repeat(100).trim()), 20, 20);
    expect(words.every(([piece]) => /^word( word)*$/.test(piece))).toBe(true);
    expect(texts(cut(readMarkdown("x".repeat(400)), 20, 20)).map((piece) => piece.length)).toEqual([80, 80, 80, 80, 80]);
  });

  it("items of a list stay whole", () => {
    const list = Array.from({ length: 9 }, (_, index) => `- item number ${index} is here`).join("\n");
    for (const [piece] of cut(readMarkdown(list))) expect(piece).toMatch(/^(- item number \d is here\n?)+$/);
  });
});

describe("tables", () => {
  const rows = Array.from({ length: 12 }, (_, index) => [`name ${index}`, `${index * 7}`, "some words"]);

  function table(page?: number) {
    const draft = new Draft({ name: "t", limits: PARSE_LIMITS });
    draft.page = page;
    draft.add("paragraph", "Before the table stands a sentence.");
    draft.table([["Name", "Number", "Remark"], ...rows]);
    return draft.done();
  }

  it("are parted between rows; later parts carry the line that names the columns, and count it", () => {
    const document = table(3);
    const passages = cut(document, 40, 48);
    expect(passages[0]?.[0]).toBe("Before the table stands a sentence.");
    const [, first, ...later] = passages;
    expect(first?.[0]).toMatch(/^Name \| Number \| Remark\nname 0/);
    expect(first?.[1].headerRow).toBeUndefined();
    expect(later.length).toBeGreaterThan(1);
    for (const [piece, passage] of later) {
      expect(piece).toMatch(/^name \d+ \| .*some words$/s);
      expect(passage).toMatchObject({
        kind: "table",
        page: 3,
        headerRow: "Name | Number | Remark",
        tokens: countTokens(`${passage.headerRow}\n${piece}`),
      });
    }
  });

  it("that are small stay with the sentence above them", () => {
    expect(cut(table(), 400, 500)).toHaveLength(1);
  });

  it("whose header is longer than half a passage go without it", () => {
    const draft = new Draft({ name: "t", limits: PARSE_LIMITS });
    draft.table([["a long name of a column", "another long name of one", "and a third"], ...rows]);
    for (const [, { headerRow, tokens }] of cut(draft.done(), 14, 14).slice(3)) {
      expect(headerRow).toBeUndefined();
      expect(tokens).toBeLessThanOrEqual(14);
    }
  });
});

describe("code", () => {
  const body = (name: string, lines: number) => `function ${name}() {\n${"  call(1, 2);\n".repeat(lines)}}\n`;

  it("is parted by symbol; a long symbol between lines; the smallest stand together", () => {
    const document = readCode(`${body("first", 3)}\n${body("second", 20)}\nconst a = () => 1;\n\nconst b = () => 2;\n`, "js");
    const passages = cut(document, 60, 80);
    const symbols = passages.map(([, { symbol }]) => symbol);
    expect(symbols[0]).toBe("first");
    expect(symbols.at(-1)).toBe("a, b");
    expect(symbols.slice(1, -1).every((symbol) => symbol === "second")).toBe(true);
    expect(symbols.length).toBeGreaterThan(3);
    for (const [piece] of passages) expect(piece).toMatch(/[;{}]$/);
  });
});

it("passages are slices in order, hold everything visible, stay within the limit, and count truly, whatever the document", () => {
  const word = fc.constantFrom(
    "llama ",
    "羊驼",
    "Dr. ",
    "3.5 ",
    "end. ",
    "完。",
    "“好！”",
    "x".repeat(90),
    "\n",
    "a,b;",
    "\u{1F999}",
    "e.g. ",
    "(why?) ",
    "- ",
    "1. ",
    "| ",
    "[12] ",
    "…",
    "é",
  );
  const prose = fc.array(word, { minLength: 1, maxLength: 60 }).map((words) => words.join(""));
  const block = fc.oneof(
    prose.map((text) => ({ kind: "paragraph" as const, text })),
    prose.map((text) => ({ kind: "list" as const, text })),
    fc
      .tuple(fc.string({ minLength: 1, maxLength: 30 }), fc.integer({ min: 1, max: 6 }))
      .map(([text, level]) => ({ kind: "heading" as const, text, level })),
    fc
      .tuple(prose, fc.option(fc.constantFrom("f", "g", "A.b"), { nil: undefined }))
      .map(([text, symbol]) => ({ kind: "code" as const, text, symbol })),
    fc
      .array(fc.array(fc.string({ maxLength: 12 }), { minLength: 2, maxLength: 4 }), { minLength: 1, maxLength: 30 })
      .map((rows) => ({ kind: "table" as const, rows })),
  );
  const counters = fc.constantFrom(
    countTokens,
    (text: string) => [...text].length,
    // A tokenizer that adds its own mark at both ends, and one that joins pieces over their borders.
    (text: string) => Math.ceil(text.length / 4) + 2,
    (text: string) => (text.match(/\S{1,5}/g) ?? []).length,
  );
  fc.assert(
    fc.property(
      fc.array(block, { maxLength: 12 }),
      counters,
      fc.integer({ min: 4, max: 60 }),
      fc.integer({ min: 0, max: 60 }),
      (blocks, count, target, more) => {
        const draft = new Draft({ name: "d", limits: PARSE_LIMITS });
        for (const { kind, ...rest } of blocks) {
          if (kind === "table" && "rows" in rest) draft.table(rest.rows);
          else if ("level" in rest) draft.heading(rest.level, rest.text);
          else if ("text" in rest)
            draft.add(kind, rest.text, "symbol" in rest && rest.symbol !== undefined ? { symbol: rest.symbol } : {});
        }
        const document = draft.done();
        const passages = cutPassages(document, { countTokens: count, target, most: target + more });
        let at = 0;
        for (const { start, end, tokens, headerRow } of passages) {
          const slice = document.text.slice(start, end);
          expect(document.text.slice(at, start).trim()).toBe("");
          expect(slice.trimEnd()).toBe(slice);
          expect(slice).not.toMatch(/^\s*$/);
          expect(slice).not.toMatch(/\p{Surrogate}/u);
          expect(tokens).toBe(count(headerRow === undefined ? slice : `${headerRow}\n${slice}`));
          expect(tokens).toBeLessThanOrEqual(target + more);
          at = end;
        }
        expect(document.text.slice(at).trim()).toBe("");
      },
    ),
    { numRuns: 500 },
  );
});
