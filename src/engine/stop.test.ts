/** Stop strings against a slow search that looks at the whole text. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { StopMatcher, StopSet } from "./stop.ts";

/** Text before the stop string that ends first (the longest of those), by trying every end. */
function slow(text: string, stops: string[]): { before: string; stop?: string } {
  for (let end = 1; end <= text.length; end++) {
    const here = stops.filter((stop) => stop !== "" && text.slice(0, end).endsWith(stop)).sort((a, b) => b.length - a.length);
    if (here[0] !== undefined) return { before: text.slice(0, end - here[0].length), stop: here[0] };
  }
  return { before: text };
}

function run(text: string, stops: string[], size: number) {
  const matcher = new StopMatcher(new StopSet(stops));
  const bytes = new TextEncoder().encode(text);
  const out: number[] = [];
  const shown: string[] = [];
  for (let i = 0; i < bytes.length && matcher.stopText === undefined; i += size) {
    out.push(...matcher.push(bytes.subarray(i, i + size)));
    shown.push(new TextDecoder().decode(Uint8Array.from(out)));
  }
  if (matcher.stopText === undefined) out.push(...matcher.flush());
  return { text: new TextDecoder().decode(Uint8Array.from(out)), stop: matcher.stopText, shown, matcher };
}

describe("StopMatcher", () => {
  it("agrees with a slow search, however the text is cut, and never shows a stop string", () => {
    const letters = fc.string({ unit: fc.constantFrom("a", "b", "c"), maxLength: 40 });
    const stops = fc.array(fc.string({ unit: fc.constantFrom("a", "b", "c"), minLength: 1, maxLength: 4 }), { maxLength: 5 });
    fc.assert(
      fc.property(letters, stops, fc.integer({ min: 1, max: 7 }), (text, list, size) => {
        const want = slow(text, list);
        const got = run(text, list, size);
        expect(got.text).toBe(want.before);
        expect(got.stop).toBe(want.stop);
        for (const shown of got.shown) expect(want.before.startsWith(shown)).toBe(true);
        expect(got.matcher.released).toBe(want.before.length);
      }),
      { numRuns: 500 },
    );
  });

  it("holds back what may become a stop string and lets it go when it does not", () => {
    const matcher = new StopMatcher(new StopSet(["\nUser:"]));
    const push = (text: string) => new TextDecoder().decode(matcher.push(new TextEncoder().encode(text)));
    expect(push("Hi")).toBe("Hi");
    expect(push("\nUs")).toBe("");
    expect(push("a\nUser")).toBe("\nUsa");
    expect(push(": x")).toBe("");
    expect(matcher.stopText).toBe("\nUser:");
  });

  it("matches multi-byte stop strings and ignores empty ones", () => {
    expect(run("你好。再见", ["", "。"], 1)).toMatchObject({ text: "你好", stop: "。" });
    expect(run("abc", [""], 1)).toMatchObject({ text: "abc", stop: undefined });
  });

  it("takes ten thousand stop strings", () => {
    const stops = Array.from({ length: 10_000 }, (_, i) => `stop string number ${i} `);
    expect(run("say stop string number 98", stops, 3).text).toBe("say stop string number 98");
    expect(run("say stop string number 9876 now", stops, 5)).toMatchObject({ text: "say ", stop: "stop string number 9876 " });
  });
});
