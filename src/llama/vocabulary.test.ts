/** Tokenisers against llama.cpp's own vectors, and texts that are hard to pass to C. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Model } from "./model.ts";

const shared = path.resolve(import.meta.dirname, "../../../shared/data");
const mini = path.resolve(import.meta.dirname, "../../models/mini/mini.gguf");
const vectors = existsSync(shared) ? readdirSync(path.join(shared, "vocab")).filter((file) => file.endsWith(".gguf")) : [];

/** What any text is in UTF-8. */
const wellFormed = (text: string) => Buffer.from(text).toString();

describe.skipIf(vectors.length === 0)("tokenizer vectors (needs ../shared)", () => {
  it.each(vectors)("%s", (file) => {
    const full = path.join(shared, "vocab", file);
    const inputs = readFileSync(`${full}.inp`, "utf8").split("\n__ggml_vocab_test__\n");
    const outputs = readFileSync(`${full}.out`, "utf8").split("\n");
    expect(outputs.length).toBe(inputs.length);
    using model = Model.load(full, { vocabOnly: true });
    inputs.forEach((text, i) => {
      const tokens = model.tokenize(text, { addSpecial: false, parseSpecial: false });
      expect([...tokens], JSON.stringify(text)).toEqual((outputs[i] ?? "").split(" ").filter(Boolean).map(Number));
    });
  });
});

describe.skipIf(!existsSync(shared))("a SentencePiece vocabulary (needs ../shared)", () => {
  let model: Model;
  beforeAll(() => {
    model = Model.load(path.join(shared, "models/llama-2-tiny-random.gguf"), { vocabOnly: true });
  });
  afterAll(() => model.close());

  it("has special tokens, and says which there are not", () => {
    expect([model.bos, model.eos, model.addBos, model.addEos]).toEqual([1, 2, true, false]);
    expect([model.eot, model.mask, model.fim]).toEqual([undefined, undefined, {}]);
    expect(model.isEog(2)).toBe(true);
    expect(model.isControl(1)).toBe(true);
    expect(model.isControl(300)).toBe(false);
    expect(model.vocabularySize).toBe(32_000);
    expect(model.vocabularyType).toBe("spm");
  });

  it("shows control tokens only when asked", () => {
    expect(Buffer.from(model.piece(1)).toString()).toBe("");
    expect(Buffer.from(model.piece(1, { special: true })).toString()).toBe("<s>");
    expect([...model.tokenize("<s>", { addSpecial: false })]).toEqual([1]);
    expect(model.tokenize("<s>", { addSpecial: false, parseSpecial: false }).length).toBeGreaterThan(1);
    expect(model.tokenText(1)).toBe("<s>");
  });

  it("gives back any text, NULs, lone surrogates and emoji included", () => {
    const whole = (tokens: Int32Array) => Buffer.concat([...tokens].map((token) => model.piece(token))).toString();
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 60 }), (text) => {
        const tokens = model.tokenize(text, { addSpecial: false, parseSpecial: false });
        expect(whole(tokens)).toBe(text === "" ? "" : ` ${wellFormed(text)}`);
        expect(Buffer.from(model.detokenize(tokens)).toString()).toBe(wellFormed(text));
      }),
    );
    expect(Buffer.from(model.detokenize(model.tokenize("a\0b\ud800c", { addSpecial: false }))).toString()).toBe("a\0b\ufffdc");
  });

  it("refuses tokens that it does not have", () => {
    for (const token of [-1, 32_000, Number.NaN, 2 ** 31]) expect(() => model.piece(token)).toThrow("not in the vocabulary");
    expect(() => model.detokenize(Int32Array.of(5, 99_999))).toThrow("not in the vocabulary");
  });

  it("is gone after its model was closed", () => {
    const other = Model.load(path.join(shared, "models/stories260K.gguf"), { vocabOnly: true });
    other.close();
    other.close();
    expect(() => other.tokenize("a")).toThrow("the model is closed");
    expect(() => other.metadata()).toThrow("the model is closed");
  });
});

describe.skipIf(!existsSync(mini))("the bundled model's vocabulary (needs models/mini/mini.gguf)", () => {
  it("spells everything", () => {
    using model = Model.load(mini, { vocabOnly: true });
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => {
        const tokens = model.tokenize(text, { addSpecial: false, parseSpecial: false });
        expect(Buffer.concat([...tokens].map((token) => model.piece(token))).toString()).toBe(wellFormed(text));
      }),
    );
  });
});
