/** A byte-level BPE vocabulary of any size in which " a" to " z" are one token each, so prompts of exact length are easy to write. */
import { valueTypes } from "#puna/models/gguf/value-types";
import type { Entry } from "#puna/models/gguf/write";

const NORMAL = 1;
const CONTROL = 3;
const SPACE = "Ġ";
const letters = Array.from("etaoinshrdlcumwfgypbvk");

/** Metadata of the tokenizer. The last three tokens are control tokens: begin, start of turn, end of turn. */
export function vocabulary(size: number): Entry[] {
  const tokens = byteTokens();
  const merges: string[] = [];
  const known = new Set(tokens);
  const room = size - 3;
  const merge = (left: string, right: string) => {
    if (tokens.length >= room || known.has(left + right)) return;
    known.add(left + right);
    merges.push(`${left} ${right}`);
    tokens.push(left + right);
  };
  // pairs only behind a space and a letter: " e" stays whole in " e t", since words are split at spaces first
  for (const letter of letters) merge(SPACE, letter);
  const starts = letters.map((letter) => SPACE + letter);
  for (const left of starts) for (const right of letters) merge(left, right);
  for (const left of letters) for (const right of letters) merge(left, right);
  const pairs = tokens.slice(256 + letters.length);
  for (const left of pairs) for (const right of pairs) if (!right.startsWith(SPACE)) merge(left, right);
  while (tokens.length < room) tokens.push(`unused${tokens.length}`);
  tokens.push("<|begin|>", "<|turn|>", "<|end|>");
  const list = (key: string, type: number, items: (string | number)[]): Entry => ({
    key,
    type: valueTypes.array,
    value: { type, length: items.length, items } as Extract<Entry["value"], object>,
  });
  return [
    { key: "tokenizer.ggml.model", type: valueTypes.string, value: "gpt2" },
    { key: "tokenizer.ggml.pre", type: valueTypes.string, value: "llama-bpe" },
    list("tokenizer.ggml.tokens", valueTypes.string, tokens),
    list(
      "tokenizer.ggml.token_type",
      valueTypes.i32,
      tokens.map((_, index) => (index >= room ? CONTROL : NORMAL)),
    ),
    list("tokenizer.ggml.merges", valueTypes.string, merges),
    { key: "tokenizer.ggml.bos_token_id", type: valueTypes.u32, value: size - 3 },
    { key: "tokenizer.ggml.eos_token_id", type: valueTypes.u32, value: size - 1 },
    { key: "tokenizer.ggml.add_bos_token", type: valueTypes.bool, value: false },
  ];
}

/** A prompt of exactly `count` tokens for these vocabularies. Different seeds give prompts that differ early. */
export function promptOf(count: number, seed = 1): string {
  let state = seed * 2_654_435_761;
  const next = () => {
    state = (Math.imul(state ^ (state >>> 15), 0x2c1b3c6d) + 0x9e3779b9) >>> 0;
    return ` ${letters[state % letters.length]}`;
  };
  return Array.from({ length: count }, next).join("");
}

/** GPT-2's way to write every byte as a visible character: printable bytes as themselves, the rest from U+0100 on. */
function byteTokens(): string[] {
  let spare = 0;
  return Array.from({ length: 256 }, (_, byte) => {
    const visible = (byte >= 33 && byte <= 126) || (byte >= 161 && byte <= 172) || byte >= 174;
    return String.fromCodePoint(visible ? byte : 256 + spare++);
  });
}
