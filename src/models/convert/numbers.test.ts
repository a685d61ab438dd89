import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { convertNumbers, decode, encode, NotFinite } from "./numbers.ts";

const one = (value: number) => Float32Array.of(value);
const bits = (bytes: Uint8Array) => new Uint16Array(bytes.buffer, bytes.byteOffset, 1)[0];

/** The nearest of all halves; of two equally near ones the even. */
const halves = decode(new Uint8Array(Uint16Array.from({ length: 0x7c00 }, (_, i) => i).buffer), "F16");
function nearestHalf(value: number): number {
  let low = 0;
  let high = halves.length - 1;
  const size = Math.abs(value);
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if ((halves[middle] ?? 0) <= size) low = middle;
    else high = middle;
  }
  const below = size - (halves[low] ?? 0);
  const above = (halves[high] ?? 0) - size;
  const chosen = below < above || (below === above && low % 2 === 0) ? low : high;
  return Object.is(value, -0) || value < 0 ? chosen | 0x8000 : chosen;
}

describe("numbers", () => {
  it("every 16-bit number comes back as it was", () => {
    for (const type of ["F16", "BF16"] as const) {
      const finite = Uint16Array.from({ length: 65_536 }, (_, i) => i).filter(
        (word) => (word & (type === "F16" ? 0x7c00 : 0x7f80)) !== (type === "F16" ? 0x7c00 : 0x7f80),
      );
      const bytes = new Uint8Array(finite.buffer);
      expect(Buffer.from(encode(decode(bytes, type), type)).equals(bytes)).toBe(true);
    }
  });

  it("halves are the nearest ones", () => {
    const value = fc.oneof(
      fc.float({ noNaN: true, min: -65000, max: 65000 }),
      fc.float({ noNaN: true, min: Math.fround(-1e-4), max: Math.fround(1e-4) }),
    );
    fc.assert(
      fc.property(value, (number) => {
        expect(bits(encode(one(number), "F16"))).toBe(nearestHalf(number));
      }),
      { numRuns: 2000 },
    );
  });

  it("the table between the 16-bit types does what the way over float32 does", () => {
    fc.assert(
      fc.property(fc.float({ noNaN: true, min: -60000, max: 60000 }), (number) => {
        const brain = encode(one(number), "BF16");
        expect(convertNumbers(brain, "BF16", "F16")).toEqual(encode(decode(brain, "BF16"), "F16"));
        const half = encode(one(number), "F16");
        expect(convertNumbers(half, "F16", "BF16")).toEqual(encode(decode(half, "F16"), "BF16"));
      }),
    );
  });

  it("adds before it rounds", () => {
    const bytes = encode(one(0.25), "BF16");
    expect(decode(convertNumbers(bytes, "BF16", "F32", 1), "F32")[0]).toBe(1.25);
  });

  it.each([
    ["an infinite number", new Uint8Array(Float32Array.of(0, Number.POSITIVE_INFINITY).buffer), "F32", "F16", false],
    ["NaN", new Uint8Array(Uint16Array.of(0, 0x7fc1).buffer), "BF16", "BF16", false],
    ["NaN through the table", new Uint8Array(Uint16Array.of(0, 0xffc1).buffer), "BF16", "F16", false],
    ["a number too large for a half", new Uint8Array(Float32Array.of(0, 70_000).buffer), "F32", "F16", true],
    ["the same through the table", encode(Float32Array.of(0, 70_000), "BF16"), "BF16", "F16", true],
  ] as const)("%s is told", (_, bytes, from, to, overflow) => {
    const thrown = (() => {
      try {
        convertNumbers(bytes, from, to);
      } catch (error) {
        return error;
      }
    })();
    expect(thrown).toBeInstanceOf(NotFinite);
    expect(thrown).toMatchObject({ index: 1, overflow });
  });
});
