import fc from "fast-check";
import { expect, test } from "vitest";
import { parseFirstValue, toJson } from "./json.ts";

test("escapes what Go escapes, and means the same", () => {
  expect(toJson({ a: "<b>&\u2028" })).toBe('{"a":"\\u003cb\\u003e\\u0026\\u2028"}');
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      expect(JSON.parse(toJson(value))).toEqual(JSON.parse(JSON.stringify(value)));
    }),
  );
});

test("reads the first value and nothing after it", () => {
  fc.assert(
    fc.property(fc.jsonValue(), fc.string(), (value, rest) => {
      const text = JSON.stringify(value);
      expect(parseFirstValue(` ${text} ${rest}`)).toEqual(JSON.parse(text));
    }),
  );
  expect(parseFirstValue('{"model":"a"}{"model":"b"}')).toEqual({ model: "a" });
});

test.each([
  ["", "missing request body"],
  ["  \n", "missing request body"],
  ["xyz", "invalid character 'x' looking for beginning of value"],
  ['{"model":', "unexpected EOF"],
  ['{"model":"abc', "unexpected EOF"],
  ["{model:1}", "invalid character 'm' at offset 2 of the JSON body"],
])("%j: %s", (text, message) => {
  expect(() => parseFirstValue(text)).toThrow(message);
});
