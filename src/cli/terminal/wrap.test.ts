import fc from "fast-check";
import { expect, test } from "vitest";
import { textWidth } from "./width.ts";
import { createWrap } from "./wrap.ts";

/** What a terminal shows of the text, escapes carried out. */
function screen(output: string): string[] {
  const rows = [""];
  // biome-ignore lint/suspicious/noControlCharactersInRegex: escape sequences are what is read
  for (const [part, back] of output.matchAll(/\u001b\[(\d+)D|\u001b\[K|[\s\S]/gu)) {
    const row = rows.at(-1) ?? "";
    if (back !== undefined) {
      let cut = row;
      for (let left = Number(back); left > 0; left -= textWidth(cut.slice(-1)), cut = cut.slice(0, -1));
      rows[rows.length - 1] = cut;
    } else if (part === "\n") rows.push("");
    else if (!part.startsWith("\u001b")) rows[rows.length - 1] = row + part;
  }
  return rows;
}

function wrapped(text: string, width: number, piece = 1): string[] {
  const wrap = createWrap(width);
  let output = "";
  for (let i = 0; i < text.length; i += piece) output += wrap.push(text.slice(i, i + piece));
  return screen(output);
}

test("words move to the next line whole", () => {
  expect(wrapped("The quick brown fox jumps", 12)).toEqual(["The quick ", "brown fox ", "jumps"]);
});

test("the pieces in which text arrives make no difference", () => {
  const text = "Grass grows on the high plain, 草长在高原上。 And llamas eat it.";
  for (const piece of [2, 3, 7, 100]) expect(wrapped(text, 20, piece)).toEqual(wrapped(text, 20));
});

test("Chinese breaks between any two characters, but not before closing marks", () => {
  expect(wrapped("草长在高原上，骆驼吃草。", 12)).toEqual(["草长在高原上，", "骆驼吃草。"]);
});

test("a word longer than the line is cut", () => {
  expect(wrapped("aaaaaaaaaaaaaaaaaaaaaaaaa", 10)).toEqual(["aaaaaaaaaa", "aaaaaaaaaa", "aaaaa"]);
});

test("line breaks stay, and code is left alone", () => {
  expect(wrapped("one\ntwo", 12)).toEqual(["one", "two"]);
  const code = "```\nconst aVeryLongLine = 1 + 2 + 3;\n```\nwords that wrap here";
  expect(wrapped(code, 12)).toEqual(["```", "const aVeryLongLine = 1 + 2 + 3;", "```", "words that ", "wrap here"]);
});

test("too narrow a terminal is not wrapped at all", () => {
  expect(createWrap(5).push("one two three")).toBe("one two three");
});

test("nothing is lost and, closing marks aside, no row is too wide", () => {
  const unit = fc.constantFrom("a", "bc", " ", "你", "好", "\n", ",", "。", "longerword");
  fc.assert(
    fc.property(fc.array(unit, { maxLength: 200 }), fc.integer({ min: 12, max: 40 }), (units, width) => {
      const text = units.join("");
      const rows = wrapped(text, width);
      expect(rows.join("").replace(/\s/g, "")).toBe(text.replace(/\s/g, ""));
      for (const row of rows) expect(textWidth(row.replace(/[,。]+$/, "").trimEnd())).toBeLessThanOrEqual(width);
    }),
  );
});
