/**
 * Tokens with which model families were taught to fill the middle, as their makers' model cards and llama.cpp's vocabulary code name
 * them. A family counts only when all its tokens are in the vocabulary.
 */

interface InfillFamily {
  name: string;
  prefix: string;
  suffix: string;
  /** The answer begins after this; without it, after the part that comes last. */
  middle?: string;
  /** The order of the two parts. */
  first: "prefix" | "suffix";
  /** Goes before each other file, with its name, where the family knows it. */
  file?: string | undefined;
  /** Goes before the name of the repository. */
  repository?: string | undefined;
  /** Text of tokens that end what is filled in. */
  stop: readonly string[];
}

/** The same family with the token ids of one vocabulary. */
export interface FoundFamily extends InfillFamily {
  ids: { prefix: number; suffix: number; middle: number | undefined; file: number | undefined; repository: number | undefined };
}

const MARKS = { prefix: "<|fim_prefix|>", suffix: "<|fim_suffix|>", middle: "<|fim_middle|>", first: "prefix" } as const;
const CODE_LLAMA = { name: "codellama", first: "prefix", stop: ["<EOT>", "▁<EOT>"] } as const;

const families: readonly InfillFamily[] = [
  {
    name: "qwen",
    ...MARKS,
    file: "<|file_sep|>",
    repository: "<|repo_name|>",
    stop: ["<|endoftext|>", "<|fim_pad|>", "<|repo_name|>", "<|file_sep|>", "<|im_end|>", "<|fim_prefix|>"],
  },
  { name: "codegemma", ...MARKS, file: "<|file_separator|>", stop: ["<|file_separator|>", "<|fim_prefix|>"] },
  // Granite 4 and others with the same marks.
  { name: "marks", ...MARKS, stop: ["<|endoftext|>", "<|end_of_text|>", "<|fim_pad|>", "<|fim_prefix|>"] },
  {
    name: "starcoder",
    prefix: "<fim_prefix>",
    suffix: "<fim_suffix>",
    middle: "<fim_middle>",
    first: "prefix",
    file: "<file_sep>",
    repository: "<repo_name>",
    stop: ["<|endoftext|>", "<file_sep>", "<fim_prefix>", "<fim_pad>"],
  },
  {
    name: "santacoder",
    prefix: "<fim-prefix>",
    suffix: "<fim-suffix>",
    middle: "<fim-middle>",
    first: "prefix",
    stop: ["<|endoftext|>", "<fim-prefix>", "<fim-pad>"],
  },
  {
    name: "deepseek",
    prefix: "<｜fim▁begin｜>",
    suffix: "<｜fim▁hole｜>",
    middle: "<｜fim▁end｜>",
    first: "prefix",
    stop: ["<｜end▁of▁sentence｜>", "<｜fim▁begin｜>", "<｜fim▁hole｜>", "<｜fim▁end｜>"],
  },
  {
    name: "seed",
    prefix: "<[fim-prefix]>",
    suffix: "<[fim-suffix]>",
    middle: "<[fim-middle]>",
    first: "suffix",
    stop: ["<[end▁of▁sentence]>", "<[fim-suffix]>"],
  },
  { ...CODE_LLAMA, prefix: "▁<PRE>", suffix: "▁<SUF>", middle: "▁<MID>" },
  { ...CODE_LLAMA, prefix: "<PRE>", suffix: "<SUF>", middle: "<MID>" },
  { name: "codestral", prefix: "[PREFIX]", suffix: "[SUFFIX]", first: "suffix", stop: ["[SUFFIX]", "[PREFIX]"] },
];

/** The family that this vocabulary belongs to; undefined when it was not made for filling in. */
export function findFamily(vocabulary: readonly string[]): FoundFamily | undefined {
  const wanted = new Set(
    families.flatMap(({ prefix, suffix, middle, file, repository }) => [prefix, suffix, middle, file, repository]),
  );
  const ids = new Map<string | undefined, number>();
  for (const [id, token] of vocabulary.entries()) if (wanted.has(token) && !ids.has(token)) ids.set(token, id);
  // The first that fits best: with a token for other files before one that has none.
  for (const family of families) {
    const [prefix, suffix, middle] = [family.prefix, family.suffix, family.middle].map((token) => ids.get(token));
    if (prefix === undefined || suffix === undefined || (family.middle !== undefined && middle === undefined)) continue;
    const [file, repository] = [ids.get(family.file), ids.get(family.repository)];
    if (family.name !== "starcoder" && family.file !== undefined && file === undefined) continue;
    return { ...family, ids: { prefix, suffix, middle, file, repository } };
  }
  return undefined;
}
