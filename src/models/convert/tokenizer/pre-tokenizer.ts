/**
 * Which of llama.cpp's ways to split a text a byte-level tokenizer.json means. They are told apart by their expressions:
 * another way would give other tokens without a word. Names: llama.cpp's src/llama-vocab.cpp (v0.5.0).
 */
import { Invalid } from "../../../errors.ts";
import { isRecord } from "../../manifest.ts";

const contractions = "(?i:'s|'t|'re|'ve|'m|'ll|'d)";
const rest = "\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+";
const words = (digits: string) =>
  `${contractions}|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|${digits}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|${rest}`;
const upper = "[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}]";
const lower = "[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}]";
const cased = (end: string, digits: string) =>
  `[^\\r\\n\\p{L}\\p{N}]?${upper}*${lower}+${end}|[^\\r\\n\\p{L}\\p{N}]?${upper}+${lower}*${end}|${digits}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n/]*|${rest}`;

/** Expressions of Split in their order -> name. */
const bySplits = new Map<string, string>([
  [words("\\p{N}{1,3}"), "llama-bpe"],
  [words("\\p{N}"), "qwen2"],
  [`${contractions}|[^\\r\\n\\p{L}\\p{N}]?[\\p{L}\\p{M}]+|\\p{N}| ?[^\\s\\p{L}\\p{M}\\p{N}]+[\\r\\n]*|${rest}`, "qwen35"],
  [cased("", "\\p{N}"), "tekken"],
  [cased(`${contractions}?`, "\\p{N}{1,3}"), "gpt-4o"],
  // cl100k with its possessive quantifiers, as Phi-4 has it.
  [
    "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?+\\p{L}+|\\p{N}{1,3}| ?[^\\s\\p{L}\\p{N}]++[\\r\\n]*|\\s*[\\r\\n]|\\s+(?!\\S)|\\s+",
    "dbrx",
  ],
  [
    "'(?i:[sdmt]|ll|ve|re)|[^\\r\\n\\p{L}\\p{N}]?+\\p{L}+|\\p{N}{1,3}| ?[^\\s\\p{L}\\p{N}]++[\\r\\n]*|\\s*[\\r\\n]|\\s+(?!\\S)|\\s+",
    "dbrx",
  ],
]);

/** The name. `ignoreMerges`: whether whole words that are tokens are taken as they are. Throws Invalid for a way that llama.cpp does not know. */
export function preTokenizerName(preTokenizer: unknown, { ignoreMerges }: { ignoreMerges: boolean }): string {
  const steps = flatten(preTokenizer);
  const splits = steps.filter(({ type }) => type === "Split").map(({ pattern }) => expressionOf(pattern));
  const digits = steps.find(({ type }) => type === "Digits");
  const others = steps.filter(({ type }) => !["Split", "Digits", "ByteLevel"].includes(String(type)));
  const level = steps.find(({ type }) => type === "ByteLevel");
  const [expression] = splits;
  if (others.length === 0 && level) {
    if (splits.length === 0 && level.use_regex !== false)
      return !digits ? "gpt-2" : digits.individual_digits === true ? "smollm" : unknown(preTokenizer);
    if (splits.length === 1 && !digits && expression !== undefined) {
      const name = bySplits.get(expression);
      // Same expression, but llama.cpp's llama-bpe takes whole words first.
      if (name === "llama-bpe" && !ignoreMerges) return "smaug-bpe";
      if (name) return name;
    }
  }
  return unknown(preTokenizer);
}

function unknown(preTokenizer: unknown): never {
  const shown = JSON.stringify(preTokenizer) ?? "none";
  throw new Invalid(
    `"tokenizer.json" splits texts in a way that llama.cpp does not know: ${shown.length > 300 ? `${shown.slice(0, 300)}…` : shown}`,
  );
}

function flatten(step: unknown): Record<string, unknown>[] {
  if (!isRecord(step)) return [];
  if (step.type === "Sequence" && Array.isArray(step.pretokenizers)) return step.pretokenizers.slice(0, 32).filter(isRecord);
  return [step];
}

function expressionOf(pattern: unknown): string {
  if (!isRecord(pattern)) return "";
  return typeof pattern.Regex === "string" ? pattern.Regex : typeof pattern.String === "string" ? pattern.String : "";
}
