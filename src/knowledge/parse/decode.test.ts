/** Text in any encoding, with and without a mark, also when it is short. The bytes were made with iconv. */
import { describe, expect, it } from "vitest";
import { decodeText } from "./decode.ts";

const hex = (text: string) => new Uint8Array(Buffer.from(text.replaceAll(" ", ""), "hex"));
const textOf = (bytes: Uint8Array, declared?: string) => decodeText(bytes, declared)?.text;

describe("East Asian encodings without a mark", () => {
  it.each([
    ["GB18030", "D6D0B9FABACDC8D5B1BED4DACEB4C0B4BBE1D3D0BAC3B5C4B9D8CFB5", "中国和日本在未来会有好的关系"],
    ["Big5", "A4A4B0EAA94DA4E9A5BBA662A5BCA8D3B77CA6B3A66EAABAC3F6AB59", "中國和日本在未來會有好的關係"],
    ["Shift_JIS", "82B182EA82CD93FA967B8CEA82CC95B68FCD82C582B781420A", "これは日本語の文章です。\n"],
    ["EUC-JP", "A4B3A4ECA4CFC6FCCBDCB8ECA4CECAB8BECFA4C7A4B9A1A3", "これは日本語の文章です。"],
    ["EUC-KR", "C0CCB0CDC0BA20C7D1B1B9BEEE20B9AEC0E5C0D4B4CFB4D92E", "이것은 한국어 문장입니다."],
  ])("%s", (_, bytes, text) => {
    expect(textOf(hex(bytes))).toBe(text);
  });
});

it("Western and Cyrillic encodings, and what was declared", () => {
  const german = "Die Größe der Hütte übertrifft alle Erwartungen, und der Käse schmeckt natürlich früh am Morgen. ".repeat(3);
  expect(textOf(new Uint8Array(Buffer.from(german, "latin1")))).toBe(german);
  expect(textOf(hex("CFF0E8E2E5F2"), "windows-1251")).toBe("Привет");
  expect(textOf(hex("E9"), "no-such-charset")).toBe("é");
});

it("UTF-16 and UTF-32, with a mark and without", () => {
  expect(textOf(hex("FFFE 4F60 0A00"))).toBe("恏\n");
  expect(textOf(hex("FEFF 4F60"))).toBe("你");
  expect(textOf(hex("FFFE0000 604F0000 00F60100 FFFFFFFF"))).toBe("你\u{1F600}\uFFFD");
  expect(textOf(new Uint8Array(Buffer.from("Plain words in UTF-16.", "utf16le")))).toBe("Plain words in UTF-16.");
  expect(textOf(new Uint8Array(Buffer.from("Plain words in UTF-16.", "utf16le").swap16()))).toBe("Plain words in UTF-16.");
});

it("UTF-8 that was cut off or broken in a few places stays UTF-8", () => {
  const bytes = Buffer.from("羊驼".repeat(50));
  expect(decodeText(new Uint8Array(bytes.subarray(0, -1)))).toEqual({
    text: `${"羊驼".repeat(49)}羊\uFFFD`,
    notes: ["1 character could not be decoded."],
  });
});

it("takes lone surrogates, controls and every kind of line end out; says when it is no text", () => {
  expect(textOf(hex("FFFE 6100 00D8 6200"))).toBe("a\uFFFDb");
  expect(textOf(hex("61 0D0A 62 0D 63 0B 64 E280A8 65"))).toBe("a\nb\nc\nd\ne");
  expect(decodeText(Uint8Array.from({ length: 300 }, (_, index) => index % 32))).toBeUndefined();
});
