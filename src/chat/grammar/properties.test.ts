/** Random schemas: whatever a grammar derives is valid, and valid values are derived. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { matcherOf } from "../../../test/support/grammar-matcher.ts";
import { randomText } from "../../../test/support/grammar-walker.ts";
import { randomCase } from "../../../test/support/random-schema.ts";
import { faultOf } from "../../../test/support/schema-validator.ts";
import { Invalid } from "../../errors.ts";
import { checkGrammar } from "./check.ts";
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

describe("hostile schemas", () => {
  const words =
    "type properties required additionalProperties propertyNames minProperties maxProperties items prefixItems additionalItems minItems maxItems minLength maxLength pattern format minimum maximum exclusiveMinimum exclusiveMaximum enum const anyOf oneOf allOf $ref $defs nullable uniqueItems multipleOf not".split(
      " ",
    );
  const { schema } = fc.letrec<{ schema: unknown; value: unknown }>((tie) => ({
    schema: fc.oneof(
      { depthSize: "small" },
      fc.boolean(),
      fc.dictionary(fc.constantFrom(...words), tie("value"), { maxKeys: 4 }),
    ),
    value: fc.oneof(
      { depthSize: "small" },
      fc.jsonValue({ maxDepth: 2 }),
      fc.constantFrom(
        "object",
        "array",
        "string",
        "integer",
        "number",
        "null",
        "#",
        "#/$defs/a",
        "#/properties/a",
        "^(a|b)*$",
        "[",
        "date",
        -1,
        0,
        1,
        3,
        1e300,
        5e-324,
        0.1,
      ),
      tie("schema"),
      fc.array(tie("schema"), { maxLength: 3 }),
      fc.dictionary(fc.constantFrom("a", "b", "$ref", "type"), tie("schema"), { maxKeys: 3 }),
    ),
  }));
  it("give a grammar or an error of ours, never anything else", () => {
    let grammars = 0;
    fc.assert(
      fc.property(
        fc.dictionary(
          fc.constantFrom(...words),
          schema.chain((one) => fc.constantFrom(one, [one], { a: one }, "object", "#", 2)),
          { maxKeys: 5 },
        ),
        (found) => {
          try {
            checkGrammar(grammarForFormat(found) ?? "");
            grammars++;
          } catch (error) {
            expect(error).toBeInstanceOf(Invalid);
          }
        },
      ),
      { numRuns: 1500 },
    );
    expect(grammars).toBeGreaterThan(100);
  });
  it("patterns give a grammar or an error of ours", () => {
    const pieces = fc.array(
      fc.oneof(
        fc.constantFrom(
          "^",
          "$",
          "(",
          ")",
          "(?:",
          "(?=",
          "[",
          "]",
          "[^",
          "-",
          "\\",
          "\\d",
          "\\u0041",
          "\\u{1F600}",
          "{2}",
          "{1,",
          "}",
          "*",
          "+",
          "?",
          "|",
          ".",
          "a",
        ),
        fc.string({ maxLength: 3, unit: "binary" }),
      ),
      { maxLength: 10 },
    );
    fc.assert(
      fc.property(pieces, (parts) => {
        const pattern = parts.join("");
        let grammar: string | undefined;
        try {
          grammar = grammarForFormat({ type: "string", pattern });
        } catch (error) {
          expect(error).toBeInstanceOf(Invalid);
          return;
        }
        const text = randomText(grammar ?? "", Math.random, 60);
        expect(matches(pattern, JSON.parse(text)), `${pattern} gave ${text}`).toBe(true);
      }),
      { numRuns: 1500 },
    );
  });
});

/**
 * As validators do, with the flag; without it for what it forbids, such as an escaped dash. There \\u{} and characters
 * of two halves mean something else, so those say nothing.
 */
function matches(pattern: string, text: string): boolean {
  try {
    return new RegExp(pattern, "u").test(text);
  } catch {
    return pattern.includes("\\u{") || /[\u{10000}-\u{10ffff}]/u.test(pattern + text) || new RegExp(pattern).test(text);
  }
}

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
