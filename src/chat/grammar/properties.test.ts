/** Random schemas: whatever a grammar derives is valid, and valid values are derived. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { matcherOf } from "../../../test/support/grammar-matcher.ts";
import { randomText } from "../../../test/support/grammar-walker.ts";
import { randomCase } from "../../../test/support/random-schema.ts";
import { faultOf } from "../../../test/support/schema-validator.ts";
import { grammarForFormat } from "./format.ts";
import { parseGrammar } from "./parse.ts";
import { writeGrammar } from "./write.ts";

const seeds = fc.infiniteStream(fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }));

describe("random schemas", () => {
  it("derive only valid JSON", () => {
    fc.assert(
      fc.property(randomCase(), seeds, ({ schema }, stream) => {
        const text = randomText(grammarForFormat(schema) ?? "", () => stream.next().value ?? 0);
        expect(faultOf(JSON.parse(text), schema), text).toBeUndefined();
      }),
      { numRuns: 100 },
    );
  });

  it("derive every valid value", () => {
    const valued = randomCase(2).chain((one) => fc.tuple(fc.constant(one.schema), one.value));
    fc.assert(
      fc.property(valued, ([schema, value]) => {
        expect(faultOf(value, schema)).toBeUndefined();
        expect(matcherOf(grammarForFormat(schema) ?? "")(JSON.stringify(value)), JSON.stringify(value)).toBe(true);
      }),
      { numRuns: 120 },
    );
  });

  it("never derive an invalid value", () => {
    const pair = fc
      .tuple(randomCase(1), randomCase(1))
      .chain(([one, other]) => fc.tuple(fc.constant(one.schema), fc.oneof(other.value, fc.jsonValue())));
    fc.assert(
      fc.property(pair, ([schema, value]) => {
        const fault = faultOf(JSON.parse(JSON.stringify(value)), schema);
        if (fault) expect(matcherOf(grammarForFormat(schema) ?? "")(JSON.stringify(value)), fault).toBe(false);
      }),
      { numRuns: 100 },
    );
  });

  it("are read back as they were written", () => {
    fc.assert(
      fc.property(randomCase(), ({ schema }) => {
        const grammar = grammarForFormat(schema) ?? "";
        expect(writeGrammar(parseGrammar(grammar))).toBe(grammar);
      }),
      { numRuns: 100 },
    );
  });
});

describe("number ranges", () => {
  const edge = fc.integer({ min: -12_345, max: 12_345 });
  it("hold for every integer near their bounds", () => {
    fc.assert(
      fc.property(edge, edge, (a, b) => {
        const [low, high] = [Math.min(a, b), Math.max(a, b)];
        const fits = matcherOf(grammarForFormat({ type: "integer", minimum: low, maximum: high }) ?? "");
        for (const value of [
          low - 1,
          low,
          low + 1,
          (low + high) >> 1,
          high - 1,
          high,
          high + 1,
          -low,
          -high,
          low * 10,
          high * 10,
        ])
          expect(fits(String(value + 0)), `${value} in ${low}..${high}`).toBe(value >= low && value <= high);
        for (const text of [`0${Math.abs(high)}`, "-0", "", "-", `${high}.0`]) expect(fits(text), text).toBe(false);
      }),
      { numRuns: 120 },
    );
  });

  it("hold for decimals near their bounds", () => {
    const scaled = fc.tuple(edge, fc.constantFrom(1, 10, 1000)).map(([digits, scale]) => digits / scale);
    fc.assert(
      fc.property(scaled, scaled, fc.boolean(), fc.boolean(), (a, b, openLow, openHigh) => {
        const [low, high] = [Math.min(a, b), Math.max(a, b)];
        if (low === high && (openLow || openHigh)) return;
        const schema = {
          type: "number",
          [openLow ? "exclusiveMinimum" : "minimum"]: low,
          [openHigh ? "exclusiveMaximum" : "maximum"]: high,
        };
        const fits = matcherOf(grammarForFormat(schema) ?? "");
        for (const base of [low, high, (low + high) / 2, 0])
          for (const step of [-1, -0.001, -0.0001, 0, 0.0001, 0.001, 1]) {
            const value = Number((base + step).toFixed(6));
            const inside = (openLow ? value > low : value >= low) && (openHigh ? value < high : value <= high);
            const text = String(value + 0);
            if (!text.includes("e")) expect(fits(text), `${text} in ${JSON.stringify(schema)}`).toBe(inside);
          }
      }),
      { numRuns: 120 },
    );
  });
});
