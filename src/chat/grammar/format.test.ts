/** Ollama's `format` field, and grammars for tool calls. */
import { describe, expect, it } from "vitest";
import { matcherOf } from "../../../test/support/grammar-matcher.ts";
import { grammarForFormat } from "./format.ts";

describe("grammarForFormat", () => {
  it("gives none for nothing", () => {
    for (const format of [undefined, null, ""]) expect(grammarForFormat(format)).toBeUndefined();
  });

  it("takes any object, indented or not, for json", () => {
    const fits = matcherOf(grammarForFormat("json") ?? "");
    const value = { a: [1, -2.5e3, "x\n", { b: null }], "": true, c: {} };
    for (const text of [
      JSON.stringify(value),
      JSON.stringify(value, null, 2),
      JSON.stringify(value, null, "\t"),
      "{ }",
      '{"a" : 1 , "b":[ ]}',
    ])
      expect(fits(text), text).toBe(true);
    for (const text of [
      "[]",
      '"x"',
      "1",
      '{"a":1',
      '{"a":01}',
      '{"a":1e999}',
      "{\n\n}",
      `{${" ".repeat(40)}}`,
      '{"a":1} ',
      "{'a':1}",
    ])
      expect(fits(text), text).toBe(false);
  });

  it("refuses anything else in Ollama's words", () => {
    const refusal = (raw: string) => ({
      status: 500,
      message: `invalid format: ${raw}; expected "json" or a valid JSON Schema object`,
    });
    expect(() => grammarForFormat("xml")).toThrow(expect.objectContaining(refusal('"\\"xml\\""')));
    expect(() => grammarForFormat(["json"])).toThrow(expect.objectContaining(refusal('"[\\"json\\"]"')));
    expect(() => grammarForFormat(12)).toThrow(expect.objectContaining(refusal('"12"')));
    expect(() => grammarForFormat(true)).toThrow(expect.objectContaining(refusal('"true"')));
  });

  it("keeps what it compiled", () => {
    const values = Array.from({ length: 5000 }, (_, index) => `v${index * 31}`);
    const first = grammarForFormat({ enum: values });
    expect(grammarForFormat({ enum: [...values] })).toBe(first);
    for (let index = 0; index < 100; index++) grammarForFormat({ const: index });
    expect(grammarForFormat({ enum: values })).toBe(first);
  });
});
