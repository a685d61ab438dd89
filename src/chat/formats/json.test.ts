/** JSON as models write it. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { bracketScanner, parseLenient } from "./json.ts";
import { parsePythonCalls, parsePythonValue } from "./python-literals.ts";

describe("parseLenient", () => {
  it("keeps keys in the order they were written", () => {
    const text = '{"b":1,"10":{"z":1,"2":[{"1":"x","0":"y"}]},"a":"\\u00e9\\ud83d\\ude00\\n","9":-1.5e3}';
    expect(JSON.stringify(parseLenient(text))).toBe('{"b":1,"10":{"z":1,"2":[{"1":"x","0":"y"}]},"a":"é😀\\n","9":-1500}');
    const value = parseLenient(text) as Record<string, unknown>;
    expect([Object.keys(value), { ...value }["9"], "10" in value]).toEqual([["b", "10", "a", "9"], -1500, true]);
  });

  it("reads all JSON as it is", () => {
    fc.assert(
      fc.property(fc.json(), (text) => {
        expect(parseLenient(text)).toEqual(JSON.parse(text));
      }),
    );
  });

  it("mends what is almost JSON, and says undefined to the rest", () => {
    expect(parseLenient("{'a': True, 'b': [1, 2,], \"c\": None}")).toEqual({ a: true, b: [1, 2], c: null });
    for (const text of ["", "{", "hello", '{"a"}', "{a: 1"]) expect(parseLenient(text)).toBeUndefined();
  });
});

describe("Python's literals", () => {
  it.each([
    ["f()", [{ name: "f", positional: [], named: [] }]],
    [
      "[a.b(1, 'x', k={\"n\": (1, None)}), c(t=True,)]",
      [
        { name: "a.b", positional: [1, "x"], named: [["k", { n: [1, null] }]] },
        { name: "c", positional: [], named: [["t", true]] },
      ],
    ],
    [
      "f(s='it\\'s', u=\"\\u00e9\\x41\", m='''a\"b\n''')",
      [
        {
          name: "f",
          positional: [],
          named: [
            ["s", "it's"],
            ["u", "éA"],
            ["m", 'a"b\n'],
          ],
        },
      ],
    ],
    ["f(x=other)", undefined],
    ["f(", undefined],
    ["f) (", undefined],
    [`f(${"[".repeat(5000)}`, undefined],
  ])("%s", (text, calls) => {
    expect(parsePythonCalls(text)).toEqual(calls);
  });

  it("never throws and always ends", () => {
    const part = fc.constantFrom(
      "[",
      "]",
      "(",
      ")",
      "{",
      "}",
      ",",
      "=",
      ":",
      "'",
      '"',
      "\\",
      "x",
      "1",
      "-",
      " ",
      "True",
      "'''",
      "\\u12",
    );
    fc.assert(
      fc.property(fc.array(part, { maxLength: 40 }), (parts) => {
        parsePythonCalls(parts.join(""));
        parsePythonValue(parts.join(""));
      }),
      { numRuns: 3000 },
    );
  });
});

it("a scanner says the same again once it has found the end", () => {
  const scanner = bracketScanner(0);
  expect([scanner.end('{"a": "}'), scanner.end('{"a": "}"}'), scanner.end('{"a": "}"} {}')]).toEqual([undefined, 10, 10]);
});
