/** Longest match against a slow definition. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { commonPrefix, longestMatch } from "./prefixes.ts";

const tokens = fc.array(fc.integer({ min: 0, max: 2 }), { minLength: 1, maxLength: 12 });

describe("longestMatch", () => {
  it("finds the longest usable prefix and spares the last prompt token", () => {
    const held = fc
      .record({ tokens, part: fc.nat(12) })
      .map((one) => ({ ...one, usable: Math.min(one.part, one.tokens.length) }));
    fc.assert(
      fc.property(tokens, fc.array(held, { maxLength: 6 }), (prompt, candidates) => {
        const lengths = candidates.map((one) => {
          let n = 0;
          while (n < one.usable && n < prompt.length - 1 && one.tokens[n] === prompt[n]) n++;
          return n;
        });
        expect(longestMatch(prompt, candidates)?.length ?? 0).toBe(Math.max(0, ...lengths));
      }),
    );
  });

  it("takes only whole candidates where memory cannot be cut", () => {
    const a = { tokens: [1, 2, 3, 9], usable: 4 };
    const b = { tokens: [1, 2], usable: 2 };
    expect(longestMatch([1, 2, 3, 4], [a, b])).toEqual({ held: a, length: 3 });
    expect(longestMatch([1, 2, 3, 4], [a, b], { whole: true })).toEqual({ held: b, length: 2 });
    expect(longestMatch([1, 2], [b], { whole: true })).toBeUndefined();
  });

  it("compares no further than asked", () => {
    expect(commonPrefix([1, 2, 3], [1, 2, 3, 4])).toBe(3);
    expect(commonPrefix([1, 2, 3], [1, 2, 3, 4], 2)).toBe(2);
  });
});
