import { describe, expect, it } from "vitest";
import { spellingOf } from "./spm-alphabet.ts";

const byteTokens = Array.from({ length: 256 }, (_, i) => `<0x${i.toString(16).toUpperCase().padStart(2, "0")}>`);
const over = (tokens: string[]) => spellingOf(tokens.length, (token) => tokens[token]!);

describe("what a SentencePiece vocabulary can spell", () => {
  it("is everything when all bytes are there", () => {
    expect(over(["<unk>", ...byteTokens])("猫 \0 \ud83d\ude00")).toBeUndefined();
  });

  it("is its characters when there are no bytes", () => {
    const unspellable = over(["<unk>", "▁", "a", "b", "猫", "😀", "ab"]);
    expect(unspellable("ab 猫😀")).toBeUndefined();
    expect(unspellable("abc")).toBe("c");
    expect(unspellable("犬")).toBe("犬");
  });

  it("needs a way to spell the space that is put in front", () => {
    expect(over(["a"])("a")).toBe("▁");
  });

  it("misses one byte of a character", () => {
    const tokens = ["▁", ...byteTokens.filter((token) => token !== "<0xE7>")];
    expect(over(tokens)("猫")).toBe("猫");
    expect(over(tokens)("é")).toBeUndefined();
  });
});
