/** Splitting a text anywhere must not change it. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Utf8Carry } from "./utf8.ts";

function through(bytes: Uint8Array, cuts: number[]): string[] {
  const carry = new Utf8Carry();
  const places = [...new Set(cuts.map((cut) => cut % (bytes.length + 1)))].sort((a, b) => a - b);
  const parts = [0, ...places].map((from, i) => bytes.subarray(from, [...places, bytes.length][i]));
  return parts.map((part) => carry.push(part));
}

describe("Utf8Carry", () => {
  it("gives the same text however the bytes are cut", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme" }), fc.array(fc.nat(200)), (text, cuts) => {
        const pieces = through(new TextEncoder().encode(text), cuts);
        expect(pieces.join("")).toBe(text);
        expect(pieces.join("|").includes("\ufffd")).toBe(text.includes("\ufffd"));
      }),
    );
  });

  it("holds back a split character and drops one that never ends", () => {
    const carry = new Utf8Carry();
    expect(carry.push(Uint8Array.of(0x61, 0xe4, 0xbd))).toBe("a");
    expect(carry.push(Uint8Array.of(0xa0))).toBe("你");
    expect(carry.push(Uint8Array.of(0xf0, 0x9f))).toBe("");
    carry.end();
    expect(carry.push(Uint8Array.of(0x62))).toBe("b");
  });

  it("makes one mark of each sequence that is no character, however the bytes are cut", () => {
    const cases: [number[], string][] = [
      [[0xf8, 0x80, 0x80, 0x80, 0x61], "\ufffda"],
      [[0xed, 0xa0, 0x80], "\ufffd"],
      [[0xc0, 0x80, 0x80], "\ufffd\ufffd"],
      [[0xe4, 0xbd, 0x61, 0xf4, 0x90, 0x80, 0x80], "\ufffda\ufffd"],
    ];
    for (const [bytes, text] of cases) expect(through(Uint8Array.from(bytes), []).join("")).toBe(text);
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 30 }), fc.array(fc.nat(30)), (bytes, cuts) => {
        expect(through(bytes, cuts).join("")).toBe(through(bytes, []).join(""));
      }),
    );
  });

  it("marks bytes that can never be a character, and keeps a byte order mark", () => {
    expect(new Utf8Carry().push(Uint8Array.of(0xff, 0x61))).toBe("\ufffda");
    expect(new Utf8Carry().push(Uint8Array.of(0xef, 0xbb, 0xbf, 0x61))).toBe("\ufeffa");
  });
});
