/** A grammar took the overlong bytes F0 80 A0 BA for the character of E0 A0 BA, and JSON held U+FFFD where an enum had a character. */
import path from "node:path";
import { describe, expect, test } from "vitest";
import { GrammarSampler } from "../../src/llama/grammar-sampler.ts";
import { Model } from "../../src/llama/index.ts";
import { hasShared, sharedModels } from "../fixtures/real-server.ts";

describe.skipIf(!hasShared)("byte tokens in a grammar (needs ../shared)", () => {
  test("only the shortest form of a character is allowed", () => {
    const model = Model.load(path.join(sharedModels, "llama-2-tiny-random.gguf"));
    const grammar = GrammarSampler.create(model, 'root ::= "\u{83a}" | "\u{10049}"');
    // The byte tokens of this vocabulary follow three control tokens.
    const byte = (value: number) => value + 3;
    expect(grammar.allows(byte(0xf0))).toBe(true);
    const overlong = grammar.clone();
    overlong.accept(byte(0xf0));
    expect(overlong.allows(byte(0x80))).toBe(false);
    for (const value of [0xe0, 0xa0, 0xba]) grammar.accept(byte(value));
    overlong.close();
    grammar.close();
    model.close();
  });
});
