import { existsSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { readGguf } from "../models/gguf/read.ts";
import { type InfillRequest, prepareInfill } from "./infill.ts";
import { findFamily } from "./infill-families.ts";

const vocabularies: Record<string, string[]> = {
  qwen: ["<|fim_prefix|>", "<|fim_middle|>", "<|fim_suffix|>", "<|fim_pad|>", "<|repo_name|>", "<|file_sep|>"],
  codegemma: ["<|fim_prefix|>", "<|fim_middle|>", "<|fim_suffix|>", "<|file_separator|>"],
  marks: ["<|fim_prefix|>", "<|fim_middle|>", "<|fim_suffix|>"],
  starcoder: ["<fim_prefix>", "<fim_middle>", "<fim_suffix>", "<file_sep>", "<repo_name>"],
  santacoder: ["<fim-prefix>", "<fim-middle>", "<fim-suffix>"],
  deepseek: ["<｜fim▁hole｜>", "<｜fim▁begin｜>", "<｜fim▁end｜>"],
  seed: ["<[fim-suffix]>", "<[fim-prefix]>", "<[fim-middle]>"],
  codellama: ["▁<PRE>", "▁<MID>", "▁<SUF>", "▁<EOT>"],
  codestral: ["[PREFIX]", "[SUFFIX]"],
};

/** Code points are tokens; marks are those of a vocabulary that begins at a thousand. */
const base = 1_000;
function request(family: string, more: Partial<InfillRequest> = {}): InfillRequest {
  const found = findFamily([...new Array(base).fill("x"), ...(vocabularies[family] ?? [])]);
  if (!found) throw new Error(`${family} not found`);
  return {
    family: found,
    prefix: "a=",
    suffix: ";b",
    extra: [],
    bos: [],
    tokenize: async (text) => Array.from(text, (character) => character.codePointAt(0) ?? 0),
    contextLength: 1000,
    overflow: { onOverflow: "truncate", truncate: true },
    reserve: 10,
    ...more,
  };
}

async function shown(family: string, more: Partial<InfillRequest> = {}): Promise<string> {
  const { tokens } = await prepareInfill(request(family, more));
  return tokens.map((token) => (token < base ? String.fromCodePoint(token) : vocabularies[family]?.[token - base])).join("");
}

describe("families", () => {
  test.each(Object.keys(vocabularies))("%s is found by its tokens", (name) => {
    expect(findFamily(["<s>", ...(vocabularies[name] ?? [])])?.name).toBe(name);
  });

  test("nothing is found when one is missing", () => {
    for (const tokens of Object.values(vocabularies)) expect(findFamily(tokens.slice(1, 3).slice(0, 1))).toBeUndefined();
    expect(findFamily([])).toBeUndefined();
  });

  test.each([
    ["qwen", "<|fim_prefix|>a=<|fim_suffix|>;b<|fim_middle|>"],
    ["deepseek", "<｜fim▁begin｜>a=<｜fim▁hole｜>;b<｜fim▁end｜>"],
    ["starcoder", "<fim_prefix>a=<fim_suffix>;b<fim_middle>"],
    ["codellama", "▁<PRE>a=▁<SUF>;b▁<MID>"],
    ["codestral", "[SUFFIX];b[PREFIX]a="],
    ["seed", "<[fim-suffix]>;b<[fim-prefix]>a=<[fim-middle]>"],
  ])("%s: its own order", async (name, prompt) => {
    expect(await shown(name)).toBe(prompt);
    expect((await prepareInfill(request(name))).prompt).toBe(prompt);
  });

  test("other files go in front, marked where the family knows how", async () => {
    const extra = [
      { filename: "one.js", text: "1" },
      { filename: "two.js", text: "2" },
    ];
    expect(await shown("qwen", { extra })).toBe(
      "<|repo_name|>repository\n<|file_sep|>one.js\n1\n<|file_sep|>two.js\n2\n<|fim_prefix|>a=<|fim_suffix|>;b<|fim_middle|>",
    );
    expect(await shown("deepseek", { extra: extra.slice(0, 1) })).toBe(
      "\n\n--- one.js ---\n\n1<｜fim▁begin｜>a=<｜fim▁hole｜>;b<｜fim▁end｜>",
    );
  });

  const deepseek = "../shared/data/vocab/ggml-vocab-deepseek-coder.gguf";
  test.skipIf(!existsSync(deepseek))("of a real vocabulary (needs ../shared)", async () => {
    const { metadata } = await readGguf(deepseek, { maxArray: Number.POSITIVE_INFINITY });
    const tokens = metadata.get("tokenizer.ggml.tokens");
    expect(findFamily(typeof tokens === "object" ? tokens.items.map(String) : [])?.name).toBe("deepseek");
  });
});

describe("what does not fit", () => {
  const long = { prefix: "p".repeat(500), suffix: "s".repeat(500), contextLength: 100 };

  test("goes from what is farthest from the cursor, and is counted", async () => {
    const prefix = `${"x".repeat(500)}near`;
    const prepared = await prepareInfill(request("qwen", { ...long, prefix, suffix: `near${"y".repeat(500)}` }));
    const text = await shown("qwen", { ...long, prefix, suffix: `near${"y".repeat(500)}` });
    expect(text).toMatch(/^<\|fim_prefix\|>x+near<\|fim_suffix\|>neary+<\|fim_middle\|>$/);
    expect(prepared.originalTokens).toBe(504 + 504 + 3);
    expect(prepared.truncatedTokens).toBe(prepared.originalTokens - prepared.tokens.length);
  });

  test("other files go whole, the first ones first", async () => {
    const extra = ["old", "mid", "new"].map((name) => ({ filename: name, text: name.repeat(10) }));
    const text = await shown("qwen", { extra, contextLength: 120 });
    expect(text).not.toContain("old");
    expect(text).toContain("<|file_sep|>new\nnewnew");
    expect(text).toContain("<|fim_prefix|>a=<|fim_suffix|>;b<|fim_middle|>");
  });

  test("is refused where nothing may go", async () => {
    for (const overflow of [
      { onOverflow: "error", truncate: true } as const,
      { onOverflow: "truncate", truncate: false } as const,
    ])
      await expect(prepareInfill(request("qwen", { ...long, overflow }))).rejects.toMatchObject({
        status: 400,
        code: "context_length_exceeded",
      });
  });

  test("whatever the sizes: the prompt leaves room, the parts stay in order, and the count is right", async () => {
    const text = fc.string({ minLength: 0, maxLength: 60, unit: fc.constantFrom("a", "b", "\n") });
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...Object.keys(vocabularies)),
        text,
        text,
        fc.array(fc.record({ filename: text, text }), { maxLength: 4 }),
        fc.integer({ min: 8, max: 200 }),
        fc.integer({ min: 0, max: 300 }),
        async (family, prefix, suffix, extra, contextLength, reserve) => {
          const wanted = request(family, { prefix, suffix, extra, contextLength, reserve, bos: [1] });
          const prepared = await prepareInfill(wanted);
          expect(prepared.tokens.length).toBeLessThan(contextLength);
          expect(prepared.originalTokens).toBe(prepared.tokens.length + prepared.truncatedTokens);
          const { ids } = wanted.family;
          const [before, after] = [prepared.tokens.indexOf(ids.prefix), prepared.tokens.indexOf(ids.suffix)];
          expect(before < after).toBe(wanted.family.first === "prefix");
          if (ids.middle !== undefined) expect(prepared.tokens.at(-1)).toBe(ids.middle);
        },
      ),
    );
  });
});
