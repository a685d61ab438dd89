/** A model's tokens: text to tokens and back, and the tokens with a meaning of their own. Thread-safe in llama.cpp. */
import { Failed } from "../errors.ts";
import type { Pointer } from "./abi.ts";
import type { Llama } from "./functions.ts";
import { spellingOf, type Unspellable } from "./spm-alphabet.ts";

export interface TokenizeOptions {
  /** Add BOS and EOS where the model wants them. */
  addSpecial?: boolean;
  /** Read "<|im_end|>" and the like as tokens, not as text. */
  parseSpecial?: boolean;
}

const types = ["none", "spm", "bpe", "wpm", "ugm", "rwkv", "plamo2", "test"] as const;
const OVERFLOW = -(2 ** 31);
const encoder = new TextEncoder();

/** The part of a `Model` that knows tokens. */
export abstract class Vocabulary {
  readonly vocabularySize: number;
  readonly #llama: Llama;
  #pointer: Pointer | undefined;
  #unspellable: Unspellable | undefined;
  /** Bytes of each token seen so far: [plain, with special tokens shown]. */
  readonly #pieces: [(Uint8Array | undefined)[], (Uint8Array | undefined)[]] = [[], []];

  protected constructor(llama: Llama, pointer: Pointer) {
    this.#llama = llama;
    this.#pointer = pointer;
    this.vocabularySize = llama.llama_vocab_n_tokens(pointer);
  }

  /** Address of the native vocabulary. Throws after its model was closed. */
  get vocabularyPointer(): Pointer {
    if (this.#pointer === undefined) throw new Failed("the model is closed");
    return this.#pointer;
  }

  get vocabularyType(): (typeof types)[number] {
    return types[this.#llama.llama_vocab_type(this.vocabularyPointer)] ?? "none";
  }

  /** Tokens of a text. It may hold NULs; lone surrogates become U+FFFD, as everywhere in UTF-8. */
  tokenize(text: string, { addSpecial = true, parseSpecial = true }: TokenizeOptions = {}): Int32Array {
    const type = this.vocabularyType;
    if (type === "none") throw new Failed("the model has no tokenizer");
    if (type === "spm") this.#checkSpelling(text);
    const bytes = encoder.encode(text);
    // One token a byte, a leading space and the special tokens at most; llama.cpp names the length when that is too few.
    let tokens = new Int32Array(bytes.length + 16);
    let count = this.#llama.llama_tokenize(
      this.vocabularyPointer,
      bytes,
      bytes.length,
      tokens,
      tokens.length,
      addSpecial,
      parseSpecial,
    );
    if (count < 0 && count !== OVERFLOW) {
      tokens = new Int32Array(-count);
      count = this.#llama.llama_tokenize(
        this.vocabularyPointer,
        bytes,
        bytes.length,
        tokens,
        tokens.length,
        addSpecial,
        parseSpecial,
      );
    }
    if (count < 0) throw new Failed("the text has too many tokens");
    return tokens.slice(0, count);
  }

  /** Bytes of one token, which may be a part of a character. Control tokens are empty unless `special`. The array is shared: do not write to it. */
  piece(token: number, { special = false }: { special?: boolean } = {}): Uint8Array {
    const cache = this.#pieces[special ? 1 : 0];
    const known = cache[token];
    if (known) return known;
    this.#check(token);
    let buffer = new Uint8Array(64);
    let length = this.#llama.llama_token_to_piece(this.vocabularyPointer, token, buffer, buffer.length, 0, special);
    if (length < 0) {
      buffer = new Uint8Array(-length);
      length = this.#llama.llama_token_to_piece(this.vocabularyPointer, token, buffer, buffer.length, 0, special);
    }
    const bytes = buffer.slice(0, Math.max(length, 0));
    cache[token] = bytes;
    return bytes;
  }

  /** Text of many tokens as bytes, with the model's own rules for spaces. */
  detokenize(
    tokens: Int32Array,
    { removeSpecial = false, special = false }: { removeSpecial?: boolean; special?: boolean } = {},
  ): Uint8Array {
    for (const token of tokens) this.#check(token);
    let buffer = new Uint8Array(tokens.length * 8 + 16);
    let length = this.#llama.llama_detokenize(
      this.vocabularyPointer,
      tokens,
      tokens.length,
      buffer,
      buffer.length,
      removeSpecial,
      special,
    );
    if (length < 0) {
      buffer = new Uint8Array(-length);
      length = this.#llama.llama_detokenize(
        this.vocabularyPointer,
        tokens,
        tokens.length,
        buffer,
        buffer.length,
        removeSpecial,
        special,
      );
    }
    return buffer.slice(0, Math.max(length, 0));
  }

  /** A token as the file spells it, such as "▁the" or "<0x0A>". */
  tokenText(token: number): string {
    this.#check(token);
    return this.#llama.llama_vocab_get_text(this.vocabularyPointer, token) ?? "";
  }

  tokenScore(token: number): number {
    this.#check(token);
    return this.#llama.llama_vocab_get_score(this.vocabularyPointer, token);
  }

  /** Whether the token ends a generation: EOS, end of turn and the like. */
  isEog(token: number): boolean {
    return this.#llama.llama_vocab_is_eog(this.vocabularyPointer, token);
  }

  isControl(token: number): boolean {
    this.#check(token);
    return this.#llama.llama_vocab_is_control(this.vocabularyPointer, token);
  }

  get bos(): number | undefined {
    return present(this.#llama.llama_vocab_bos(this.vocabularyPointer));
  }

  get eos(): number | undefined {
    return present(this.#llama.llama_vocab_eos(this.vocabularyPointer));
  }

  get eot(): number | undefined {
    return present(this.#llama.llama_vocab_eot(this.vocabularyPointer));
  }

  get sep(): number | undefined {
    return present(this.#llama.llama_vocab_sep(this.vocabularyPointer));
  }

  get nl(): number | undefined {
    return present(this.#llama.llama_vocab_nl(this.vocabularyPointer));
  }

  get pad(): number | undefined {
    return present(this.#llama.llama_vocab_pad(this.vocabularyPointer));
  }

  get mask(): number | undefined {
    return present(this.#llama.llama_vocab_mask(this.vocabularyPointer));
  }

  /** Tokens for filling in the middle. */
  get fim(): { prefix?: number; suffix?: number; middle?: number; pad?: number; repository?: number; separator?: number } {
    const { llama_vocab_fim_pre, llama_vocab_fim_suf, llama_vocab_fim_mid } = this.#llama;
    const { llama_vocab_fim_pad, llama_vocab_fim_rep, llama_vocab_fim_sep } = this.#llama;
    const tokens = {
      prefix: llama_vocab_fim_pre(this.vocabularyPointer),
      suffix: llama_vocab_fim_suf(this.vocabularyPointer),
      middle: llama_vocab_fim_mid(this.vocabularyPointer),
      pad: llama_vocab_fim_pad(this.vocabularyPointer),
      repository: llama_vocab_fim_rep(this.vocabularyPointer),
      separator: llama_vocab_fim_sep(this.vocabularyPointer),
    };
    return Object.fromEntries(Object.entries(tokens).filter(([, token]) => token >= 0));
  }

  /** Whether the model wants BOS before a text. */
  get addBos(): boolean {
    return this.#llama.llama_vocab_get_add_bos(this.vocabularyPointer);
  }

  get addEos(): boolean {
    return this.#llama.llama_vocab_get_add_eos(this.vocabularyPointer);
  }

  get addSep(): boolean {
    return this.#llama.llama_vocab_get_add_sep(this.vocabularyPointer);
  }

  /** For the model that owns the native vocabulary. */
  protected closeVocabulary(): void {
    this.#pointer = undefined;
  }

  #checkSpelling(text: string): void {
    this.#unspellable ??= spellingOf(this.vocabularySize, (token) => this.tokenText(token));
    const character = this.#unspellable(text);
    if (character !== undefined) throw new Failed(`the model's vocabulary cannot spell ${JSON.stringify(character)}`);
  }

  /** llama.cpp looks tokens up unchecked in places. */
  #check(token: number): void {
    if (!(token >= 0 && token < this.vocabularySize))
      throw new Failed(`token ${token} is not in the vocabulary of ${this.vocabularySize}`);
  }
}

function present(token: number): number | undefined {
  return token < 0 ? undefined : token;
}
