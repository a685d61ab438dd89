import fc from "fast-check";
import { expect, test } from "vitest";
import { continueUtf8, utf8Start } from "./utf8-prefix.ts";

const fatal = new TextDecoder("utf-8", { fatal: true });

test("agrees with the platform's decoder on whole sequences", () => {
  const bytes = fc.uint8Array({ maxLength: 6 });
  const likely = fc.array(fc.constantFrom(0x41, 0x80, 0x9f, 0xa0, 0xbf, 0xc0, 0xc2, 0xe0, 0xed, 0xef, 0xf0, 0xf4, 0xf5), {
    maxLength: 6,
  });
  fc.assert(
    fc.property(
      fc.oneof(
        bytes,
        likely.map((some) => Uint8Array.from(some)),
      ),
      (some) => {
        let valid = true;
        try {
          fatal.decode(some);
        } catch {
          valid = false;
        }
        expect(continueUtf8(utf8Start, some)?.left === 0).toBe(valid);
      },
    ),
    { numRuns: 3000 },
  );
});

test("every cut of a text leaves a state that the rest completes", () => {
  fc.assert(
    fc.property(fc.string({ unit: "grapheme" }), fc.nat(), (text, cut) => {
      const bytes = new TextEncoder().encode(text);
      const at = bytes.length === 0 ? 0 : cut % bytes.length;
      const middle = continueUtf8(utf8Start, bytes.subarray(0, at));
      expect(middle && continueUtf8(middle, bytes.subarray(at))).toEqual(
        bytes.length === 0 ? utf8Start : expect.objectContaining({ left: 0 }),
      );
    }),
  );
});
