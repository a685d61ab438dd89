/** What quantising costs: the bundled model on questions of its own evaluation, of which it has learned the answers' form. */
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { quantize } from "../../src/llama/quantize.ts";
import { miniModel } from "../fixtures/real-server.ts";
import { perplexity, type Sample } from "../support/perplexity.ts";

const folder = mkdtempSync(path.join(os.tmpdir(), "puna-perplexity-"));
afterAll(() => rmSync(folder, { recursive: true }));

describe.skipIf(!existsSync(miniModel))("mini (needs models/mini/mini.gguf)", () => {
  const file = path.join(path.dirname(miniModel), "evaluation/generated.jsonl");
  const samples = readFileSync(file, "utf8")
    .trimEnd()
    .split("\n")
    .slice(0, 80)
    .map((line) => sampleOf(JSON.parse(line)));

  it("as Q8_0 foretells answers within 1 % of F16", () => {
    const small = path.join(folder, "q8.gguf");
    quantize(miniModel, small, { type: "Q8_0" });
    const before = perplexity(miniModel, samples);
    const after = perplexity(small, samples);
    expect(before.tokens).toBeGreaterThan(1000);
    expect(after.tokens).toBe(before.tokens);
    // Far below its 8,000 tokens: it is the model that is measured, not chance.
    expect(before.value).toBeLessThan(100);
    expect(Math.abs(after.value / before.value - 1)).toBeLessThan(0.01);
  });
});

interface Row {
  language: "en" | "zh";
  passages: string[];
  question: string;
  sentence?: string;
  source?: number;
}

/** The prompt form of the model card. */
function sampleOf({ language, passages, question, sentence, source }: Row): Sample {
  const numbered = passages.map((passage, i) => `[${i + 1}] ${passage}`).join("\n");
  const asked = `${language === "en" ? "Question: " : "问题："}${question}`;
  const refusal = language === "en" ? "The passages do not say." : "这些资料里没有说明。";
  return {
    prompt: `<|im_start|>user\n${numbered}\n\n${asked}<|im_end|>\n<|im_start|>assistant\n`,
    answer: `${sentence ? `[${source}] ${sentence}` : refusal}<|im_end|>`,
  };
}
