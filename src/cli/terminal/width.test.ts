import fc from "fast-check";
import { expect, test } from "vitest";
import { characters, characterWidth, textWidth } from "./width.ts";

test.each([
  ["abc", 3],
  ["你好", 4],
  ["高原，草", 8],
  ["e\u0301", 1],
  ["한글", 4],
  ["ＡＢ", 4],
  ["🦙", 2],
  ["👩‍🔬", 2],
  ["❤️", 2],
  ["…", 1],
  ["", 0],
])("%s takes %d columns", (text, columns) => expect(textWidth(text)).toBe(columns));

test("characters keep what belongs together", () => {
  expect(characters("ae\u0301👩‍🔬你")).toEqual(["a", "e\u0301", "👩‍🔬", "你"]);
});

test("no character is lost or torn, however long the text", () => {
  const part = fc.constantFrom("a", "你", "e\u0301", "🦙", "👩‍🔬", "\n", " ");
  fc.assert(
    fc.property(fc.array(part, { maxLength: 3000 }), (parts) => {
      const found = characters(parts.join(""));
      expect(found.join("")).toBe(parts.join(""));
      for (const one of found) expect(characterWidth(one)).toBeLessThanOrEqual(2);
    }),
    { numRuns: 30 },
  );
});
