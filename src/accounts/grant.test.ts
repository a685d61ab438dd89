import fc from "fast-check";
import { expect, test } from "vitest";
import { coversModel, hasScope, parseModelPatterns } from "./grant.ts";

const covers = (patterns: string[], model: string) => coversModel({ models: parseModelPatterns(patterns) }, model);

test.each([
  [["mini"], "mini:latest", true],
  [["MINI"], "Mini:latest", true],
  [["mini"], "mini:8b", false],
  [["mini:*"], "mini:8b", true],
  [["mini*"], "minimal:8b", true],
  [["me/*"], "me/model:v1", true],
  [["me/*"], "you/me/model:v1", false],
  [["hf.co/*/*-GGUF:Q4_K_M"], "hf.co/org/Repo-GGUF:Q4_K_M", true],
  [["a*a"], "a:latest", false],
  [["*"], "anything:at-all", true],
  [["x", "mini"], "mini:latest", true],
])("%j and %s: %s", (patterns, model, expected) => {
  expect(covers(patterns, model)).toBe(expected);
});

test("no list is every model, an empty one none", () => {
  expect(coversModel({ models: undefined }, "mini:latest")).toBe(true);
  expect(coversModel({ models: [] }, "mini:latest")).toBe(false);
});

test("an administrator may do all of it", () => {
  expect(hasScope({ scopes: ["admin"] }, "models")).toBe(true);
  expect(hasScope({ scopes: ["inference"] }, "models")).toBe(false);
});

test("patterns match as a regular expression of the same meaning would", () => {
  const text = fc.string({ unit: fc.constantFrom("a", "b", "."), maxLength: 12 });
  const pattern = fc.string({ unit: fc.constantFrom("a", "b", ".", "*"), minLength: 1, maxLength: 8 });
  fc.assert(
    fc.property(pattern, text, (one, name) => {
      const expression = new RegExp(`^${one.replaceAll(".", "\\.").replaceAll("*", ".*")}$`);
      expect(coversModel({ models: [one] }, name)).toBe(expression.test(name));
    }),
  );
});
