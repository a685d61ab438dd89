import fc from "fast-check";
import { expect, test } from "vitest";
import { createKeyDecoder, type Key } from "./keys.ts";

const decode = (...chunks: string[]): Key[] => {
  const decoder = createKeyDecoder();
  return chunks.flatMap((chunk) => decoder.push(chunk));
};
const named = (name: string) => ({ type: "key", name });

test("text comes in pieces as long as they are typed at once", () => {
  expect(decode("你好 llama")).toEqual([{ type: "text", text: "你好 llama" }]);
  expect(decode("a\rb")).toEqual([{ type: "text", text: "a" }, named("enter"), { type: "text", text: "b" }]);
});

test.each([
  ["\x01", "home"],
  ["\x03", "interrupt"],
  ["\x04", "end-of-input"],
  ["\n", "newline"],
  ["\x7f", "backspace"],
  ["\x17", "delete-word"],
  ["\u001b[A", "up"],
  ["\u001bOA", "up"],
  ["\u001b[3~", "delete"],
  ["\u001b[1;5C", "word-right"],
  ["\u001bb", "word-left"],
  ["\u001b\r", "newline"],
])("%j is %s", (bytes, name) => expect(decode(bytes)).toEqual([named(name)]));

test("a sequence may be split anywhere", () => {
  expect(decode("\u001b[", "1;5", "D")).toEqual([named("word-left")]);
});

test("a lone escape and unknown sequences mean nothing", () => {
  expect(decode("\u001b")).toEqual([]);
  expect(decode("\u001b[99;99~x")).toEqual([{ type: "text", text: "x" }]);
});

test("what is pasted is one piece, with plain line ends", () => {
  expect(decode("\u001b[200~one\r\ntwo\rthree\u001b[20", "1~!")).toEqual([
    { type: "paste", text: "one\ntwo\nthree" },
    { type: "text", text: "!" },
  ]);
});

test("no bytes make it throw or hang", () => {
  const piece = fc.oneof(
    fc.string(),
    fc.constantFrom("\u001b", "\u001b[", "\u001bO", "\u001b[200~", "\u001b[201~", "\r", "\x00"),
  );
  fc.assert(
    fc.property(fc.array(piece), (chunks) => {
      for (const key of decode(...chunks)) expect(["text", "paste", "key"]).toContain(key.type);
    }),
  );
});
