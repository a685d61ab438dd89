/** A vocabulary as GGUF has it: what every kind of tokenizer comes down to. */
import { Invalid } from "../../../errors.ts";
import type { Entry } from "../../gguf/write.ts";
import { bool, f32s, i32s, present, text, texts, u8s } from "../metadata.ts";

/** llama.cpp's token types. */
export const tokenTypes = { normal: 1, unknown: 2, control: 3, userDefined: 4, unused: 5, byte: 6 } as const;

export interface Token {
  text: string;
  type: number;
  /** Of SentencePiece vocabularies only. */
  score?: number;
}

export interface Vocabulary {
  /** llama.cpp's name: `gpt2` is byte-level BPE, `llama` SentencePiece BPE, `t5` Unigram, `bert` WordPiece. */
  model: "gpt2" | "llama" | "t5" | "bert";
  /** How text is split before merging; llama.cpp knows the ways by name. */
  pre: string;
  /** By id, without gaps at the end; ids nobody uses are undefined. */
  tokens: (Token | undefined)[];
  merges?: string[];
  addSpacePrefix?: boolean;
  removeExtraWhitespaces?: boolean;
  charsmap?: Uint8Array;
  /** Of WordPiece. */
  lowercase?: boolean;
  stripAccents?: boolean;
  /** Whether texts begin and end with a token of their own; undefined when the files do not say. */
  addBos?: boolean | undefined;
  addEos?: boolean | undefined;
}

/** A token to be put over what the vocabulary has at its id. */
export interface AddedToken {
  id: number;
  content: string;
  special: boolean;
}

/** Puts added tokens into place. Published files mark some control tokens as ordinary ones. */
export function addTokens(tokens: (Token | undefined)[], added: AddedToken[], options: { isPiece: boolean }): void {
  for (const { id, content, special } of added) {
    const isControl = special || /^<\|.*\|>$|^<｜.*｜>$|^<unused\d+>$|^<pad>$|^<mask>$|^<2mass>$|^\[@BOS@\]$/.test(content);
    // llama.cpp looks for these in the text as it came, where a space is a space.
    const own = isControl ? content : content.replaceAll("▁", " ");
    const before = tokens[id];
    const isUnknown = before?.type === tokenTypes.unknown;
    tokens[id] = {
      text: own,
      type: isUnknown ? tokenTypes.unknown : isControl ? tokenTypes.control : tokenTypes.userDefined,
      ...(options.isPiece && { score: before?.score ?? -1000 }),
    };
  }
}

/** The entries, for a model with this many rows of embeddings. Tokens beyond them cannot be used and are left out. */
export function vocabularyEntries(vocabulary: Vocabulary, rows: number): Entry[] {
  if (vocabulary.tokens.length === 0) throw new Invalid("the tokenizer has no tokens");
  const tokens = Array.from(
    { length: rows },
    (_, id) => vocabulary.tokens[id] ?? { text: `[PAD${id}]`, type: tokenTypes.unused, score: -10_000 },
  );
  const { merges, charsmap, model } = vocabulary;
  const flag = (key: string, value: boolean | undefined) =>
    value === undefined ? undefined : bool(`tokenizer.ggml.${key}`, value);
  return present(
    text("tokenizer.ggml.model", model),
    text("tokenizer.ggml.pre", vocabulary.pre),
    texts("tokenizer.ggml.tokens", unique(tokens.map((token) => token.text))),
    i32s(
      "tokenizer.ggml.token_type",
      tokens.map(({ type }) => type),
    ),
    model === "llama" || model === "t5"
      ? f32s(
          "tokenizer.ggml.scores",
          tokens.map(({ score }) => score ?? 0),
        )
      : undefined,
    merges && texts("tokenizer.ggml.merges", merges),
    charsmap && charsmap.length > 0 ? u8s("tokenizer.ggml.precompiled_charsmap", charsmap) : undefined,
    flag("add_space_prefix", vocabulary.addSpacePrefix),
    flag("remove_extra_whitespaces", vocabulary.removeExtraWhitespaces),
    flag("normalizer.lowercase", vocabulary.lowercase),
    flag("normalizer.strip_accents", vocabulary.stripAccents),
    flag("add_bos_token", vocabulary.addBos),
    flag("add_eos_token", vocabulary.addEos),
  );
}

/** llama.cpp ends the process on two equal tokens; the later one cannot be reached and gets another name. */
function unique(tokens: string[]): string[] {
  const seen = new Set<string>();
  return tokens.map((token, id) => {
    const own = seen.has(token) ? `[DUPLICATE${id}]` : token;
    seen.add(own);
    return own;
  });
}
