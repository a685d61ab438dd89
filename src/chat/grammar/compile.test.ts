/** Schemas that become grammars: what is accepted, what is not, and what is refused by name. */
import { describe, expect, it } from "vitest";
import { matcherOf } from "../../../test/support/grammar-matcher.ts";
import { grammarForFormat } from "./format.ts";

function accepts(schema: unknown) {
  const matches = matcherOf(grammarForFormat(schema) ?? "");
  return (value: unknown) =>
    matches(typeof value === "string" && value.startsWith("raw:") ? value.slice(4) : JSON.stringify(value));
}

function table(schema: unknown, yes: unknown[], no: unknown[]) {
  const fits = accepts(schema);
  for (const value of yes) expect(fits(value), `should accept ${JSON.stringify(value)}`).toBe(true);
  for (const value of no) expect(fits(value), `should reject ${JSON.stringify(value)}`).toBe(false);
}

describe("objects", () => {
  it("keeps declared order and every subset of the optional members", () => {
    const schema = {
      type: "object",
      properties: { a: { type: "integer" }, b: { type: "boolean" }, c: { type: "null" } },
      required: ["b"],
    };
    table(
      schema,
      [{ b: true }, { a: 1, b: true }, { b: true, c: null }, { a: 1, b: false, c: null }],
      [{}, { a: 1 }, { c: null }, { b: true, a: 1 }, { b: 1 }, { b: true, d: 1 }, 'raw:{"b":true,}', 'raw:{,"b":true}'],
    );
    const optionalOnly = {
      type: "object",
      properties: { a: { type: "integer" }, b: { type: "integer" }, c: { type: "integer" } },
    };
    table(
      optionalOnly,
      [{}, { a: 1 }, { b: 1 }, { c: 1 }, { a: 1, b: 1 }, { a: 1, c: 1 }, { b: 1, c: 1 }, { a: 1, b: 1, c: 1 }],
      [{ c: 1, a: 1 }, { a: 1, a2: 1 }, 'raw:{"a":1"b":1}'],
    );
  });

  it("allows one space after colon and comma and none elsewhere", () => {
    const schema = { type: "object", properties: { a: {}, b: {} }, required: ["a", "b"] };
    table(
      schema,
      ['raw:{"a": 1, "b":2}', 'raw:{"a":[1, 2],"b": {"x": 1}}'],
      ['raw:{ "a":1,"b":2}', 'raw:{"a":  1,"b":2}', 'raw:{"a" :1,"b":2}'],
    );
  });

  it("lets free members in only where the schema says so, and never under a declared name", () => {
    const schema = {
      type: "object",
      properties: { name: { type: "string" }, nape: { type: "null" } },
      additionalProperties: { type: "integer" },
    };
    table(
      schema,
      [{ name: "x", other: 1 }, { n: 1 }, { na: 1, names: 2 }, { "": 0 }, { nam: 3 }, { name: "x", nape: null, 名: 1 }],
      [{ name: 1 }, { nape: 1 }, { other: "x" }, { other: 1, name: "x" }],
    );
    table({ type: "object", additionalProperties: { type: "boolean" } }, [{}, { a: true, b: false }], [{ a: 1 }]);
    table({ type: "object", additionalProperties: false }, [{}], [{ a: 1 }]);
    table({ type: "object" }, [{}, { a: [1, { b: "c" }] }], [[], 1, "x"]);
    table({ type: "object", required: ["x"] }, [{ x: 1 }, { x: 1, y: 2 }], [{}, { y: 1 }]);
    table(
      { type: "object", additionalProperties: true, properties: { a: { type: "integer" } }, required: ["a"] },
      [{ a: 1, b: [] }],
      [{ b: 1 }],
    );
  });

  it("counts members where counting is possible", () => {
    table(
      { type: "object", additionalProperties: { type: "integer" }, minProperties: 1, maxProperties: 2 },
      [{ a: 1 }, { a: 1, b: 1 }],
      [{}, { a: 1, b: 1, c: 1 }],
    );
    table({ type: "object", properties: { a: {}, b: {} }, minProperties: 1 }, [{ a: 1 }, { b: 1 }], [{}]);
    table(
      { type: "object", propertyNames: { pattern: "^[a-z]+$" }, additionalProperties: { type: "integer" } },
      [{ abc: 1 }],
      [{ A: 1 }],
    );
  });

  it("writes odd keys as JSON does", () => {
    const keys = ['say "hi"', "back\\slash", "new\nline", "名前", "😀", "", "__proto__", "a]b^-[", "\u2028"];
    const schema = JSON.parse(
      `{"type":"object","properties":{${keys.map((key) => `${JSON.stringify(key)}:{"type":"integer"}`)}},"required":${JSON.stringify(keys)}}`,
    );
    table(schema, [`raw:{${keys.map((key) => `${JSON.stringify(key)}:1`)}}`], [{}]);
  });

  it("does not mix up members that are named like the built-in rules", () => {
    const names = [
      "root",
      "string",
      "value",
      "object",
      "array",
      "char",
      "integer",
      "number",
      "boolean",
      "pair",
      "string-block",
      "item",
    ];
    const member = { type: "object", properties: { x: { type: "string", maxLength: 3 } }, required: ["x"] };
    const schema = { type: "object", properties: Object.fromEntries(names.map((name) => [name, member])), required: names };
    const value = Object.fromEntries(names.map((name) => [name, { x: "abc" }]));
    table(
      schema,
      [value],
      [
        { ...value, value: 1 },
        { ...value, string: "x" },
      ],
    );
  });
});

describe("arrays", () => {
  it("counts items", () => {
    table({ type: "array", items: { type: "integer" } }, [[], [1], [1, 2, 3]], [["x"], "raw:[1,]", "raw:[,1]"]);
    table(
      { type: "array", items: { type: "integer" }, minItems: 2, maxItems: 3 },
      [
        [1, 2],
        [1, 2, 3],
      ],
      [[], [1], [1, 2, 3, 4]],
    );
    table({ type: "array", items: {}, maxItems: 0 }, [[]], [[1]]);
    table({ type: "array", items: false }, [[]], [[1]]);
    table(
      { type: "array", items: { type: "null" }, minItems: 700, maxItems: 1700 },
      [Array(700).fill(null), Array(1700).fill(null), Array(1234).fill(null)],
      [Array(699).fill(null), Array(1701).fill(null)],
    );
  });

  it("writes tuples in full", () => {
    table(
      { type: "array", prefixItems: [{ type: "integer" }, { type: "string" }] },
      [[1, "a"]],
      [[1], [], [1, "a", 2], ["a", 1]],
    );
    table(
      { type: "array", prefixItems: [{ type: "integer" }], items: { type: "boolean" }, maxItems: 2 },
      [[1], [1, true]],
      [
        [1, true, true],
        [1, 1],
      ],
    );
    table({ type: "array", items: [{ type: "integer" }], additionalItems: { type: "string" } }, [[1], [1, "a", "b"]], [["a"]]);
    table({ type: "array", prefixItems: [{ const: 1 }], minItems: 3 }, [[1, "x", null]], [[1, 2]]);
  });
});

describe("scalars", () => {
  it("writes strings by RFC 8259", () => {
    table(
      { type: "string" },
      ["", "plain", "ünï😀中", 'q"\\/\b\f\n\r\t', "\u0001", 'raw:"\\u00e9\\uD83D\\uDE00\\/"'],
      ['raw:"\n"', 'raw:"\\x"', 'raw:"\\uD83D"', 'raw:"\\uDE00"', 'raw:"', 'raw:"\\u12"'],
    );
    table(
      { type: "string", minLength: 2, maxLength: 3 },
      ["ab", "abc", "😀😀", '"\\', 'raw:"\\uD83D\\uDE00a"'],
      ["a", "abcd", 'raw:"\\uD83D\\uDE00"'],
    );
    table({ type: "string", maxLength: 1300 }, ["", "x".repeat(1300), "x".repeat(777)], ["x".repeat(1301)]);
    table({ type: "string", minLength: 1200 }, ["x".repeat(1200), "x".repeat(5000)], ["x".repeat(1199)]);
  });

  it("holds patterns as JSON Schema reads them", () => {
    table({ type: "string", pattern: "^[A-Z]{2}-\\d+$" }, ["AB-1", "ZZ-0099"], ["A-1", "AB-", "xAB-1", "AB-1x"]);
    table({ type: "string", pattern: "b" }, ["abc", "b", "bb"], ["ac", ""]);
    table({ type: "string", pattern: "^(?:yes|no)$|^\\s?$" }, ["yes", "no", "", " "], ["maybe", "  "]);
    table({ type: "string", pattern: '^["\\\\\\n]+$' }, ['"', "\\", "\n", '"\\\n'], ["a"]);
    table({ type: "string", pattern: "^[^a-z]{1,3}$" }, ["A", "é1", "\n", "中"], ["a", "ABCD"]);
    table({ type: "string", pattern: "^.\\u00e9\\x41\\u{1F600}$" }, ["xéA😀"], ["\néA😀"]);
    table({ type: "string", pattern: "^[a-z]+$", minLength: 2, maxLength: 4 }, ["ab", "abcd"], ["a", "abcde"]);
    table({ type: "string", pattern: "^x[0-9]*$", maxLength: 3 }, ["x", "x12"], ["x123"]);
    table({ type: "string", pattern: "^(?<year>\\d{4})/(0[1-9]|1[0-2])$" }, ["2024/12"], ["2024/13"]);
    table({ type: "string", pattern: "^(([ab]{0,3}){2,40}c)?$" }, ["", "abc", "c"], ["ab"]);
  });

  it("holds formats", () => {
    table(
      { type: "string", format: "date" },
      ["2024-02-29", "2000-02-29", "2023-12-31"],
      ["2023-02-29", "1900-02-29", "2024-04-31", "2024-13-01", "2024-1-1"],
    );
    table(
      { type: "string", format: "date-time" },
      ["2024-05-06T23:59:59Z", "2024-05-06T00:00:00.123+02:00"],
      ["2024-05-06T24:00:00Z", "2024-05-06"],
    );
    table({ type: "string", format: "time" }, ["12:34:56Z"], ["12:60:00Z", "12:34"]);
    table({ type: "string", format: "uuid" }, ["123e4567-e89b-12d3-a456-426614174000"], ["123e4567e89b12d3a456426614174000"]);
    table({ type: "string", format: "ipv4" }, ["0.0.0.0", "255.10.1.99"], ["256.1.1.1", "1.2.3", "01.1.1.1"]);
    table(
      { type: "string", format: "ipv6" },
      ["::", "::1", "fe80::1", "1:2:3:4:5:6:7:8", "1:2:3:4:5:6::"],
      ["1::2::3", "1:2:3", "12345::"],
    );
    table({ type: "string", format: "email" }, ["a.b+c@example.org"], ["a@b", "@example.org", "a b@example.org"]);
    table({ type: "string", format: "uri" }, ["https://example.org/a/b?c=d"], ["example.org", "http://"]);
    table({ type: "string", format: "duration" }, ["P1Y2M3D", "PT5M", "P2W", "P1DT12H"], ["P", "PT", "1D"]);
    table({ type: "string", format: "nickname" }, ["anything"], []);
    table({ type: "string", format: "email", maxLength: 200 }, ["a@example.org"], ["x"]);
  });

  it("holds fixed values", () => {
    table(
      { enum: ["red", "reddish", "green", 1, null, true, [1, "a"], { a: 1 }] },
      ["red", "reddish", "green", 1, null, true, [1, "a"], { a: 1 }],
      ["re", "redd", 2, false],
    );
    table({ const: 'a"b' }, ['a"b'], ["ab"]);
    table({ type: "string", enum: ["a", 1, null] }, ["a"], [1, null]);
    table({ type: "integer", enum: [1, 5, 9], minimum: 3, maximum: 8 }, [5], [1, 9]);
    table({ type: "boolean" }, [true, false], ["true", 0]);
    table({ type: ["string", "null"], maxLength: 2 }, ["ab", null], ["abc", 1]);
    table({ type: "string", nullable: true }, ["ab", null], [1]);
  });
});

describe("combinations", () => {
  it("takes any branch of anyOf and oneOf", () => {
    table({ anyOf: [{ type: "integer" }, { type: "string", maxLength: 1 }] }, [1, "a"], ["ab", null]);
    const shape = {
      oneOf: [{ $ref: "#/$defs/circle" }, { $ref: "#/$defs/square" }],
      $defs: {
        circle: { type: "object", properties: { kind: { const: "circle" }, r: { type: "number" } }, required: ["kind", "r"] },
        square: {
          type: "object",
          properties: { kind: { const: "square" }, side: { type: "number" } },
          required: ["kind", "side"],
        },
      },
    };
    table(
      shape,
      [
        { kind: "circle", r: 1.5 },
        { kind: "square", side: 2 },
      ],
      [{ kind: "circle", side: 1 }, { kind: "square" }],
    );
  });

  it("merges allOf, references and siblings", () => {
    const schema = {
      allOf: [
        { $ref: "#/$defs/named" },
        { type: "object", properties: { age: { type: "integer", minimum: 0 } }, required: ["age"] },
      ],
      $defs: { named: { type: "object", properties: { name: { type: "string" }, age: { maximum: 9 } }, required: ["name"] } },
    };
    table(schema, [{ name: "x", age: 5 }], [{ name: "x" }, { name: "x", age: 10 }, { name: "x", age: -1 }]);
    table(
      {
        type: "object",
        properties: { a: { type: "integer" }, b: { type: "integer" } },
        anyOf: [{ required: ["a"] }, { required: ["b"] }],
      },
      [{ a: 1 }, { b: 1 }, { a: 1, b: 1 }],
      [{}],
    );
    table({ allOf: [{ type: "number" }, { type: "integer" }, { minimum: 3 }, { maximum: 4 }] }, [3, 4], [2, 5, 3.5]);
    table({ $ref: "#/$defs/n", description: "a number", $defs: { n: { type: "integer" } } }, [1], ["x"]);
    table({ $ref: "#/$defs/a~1b%25", $defs: { "a/b%": { const: 7 } } }, [7], [8]);
    table({ allOf: [{ enum: [1, 2, 3] }, { enum: [2, 3, 4] }], anyOf: [{ const: 3 }, { const: 9 }] }, [3], [2, 9]);
  });

  it("follows recursion that comes to an end and prunes what does not", () => {
    const tree = {
      $ref: "#/$defs/node",
      $defs: {
        node: {
          type: "object",
          properties: { v: { type: "integer" }, children: { type: "array", items: { $ref: "#/$defs/node" } } },
          required: ["v", "children"],
        },
      },
    };
    table(tree, [{ v: 1, children: [{ v: 2, children: [] }] }], [{ v: 1, children: [{ v: 2 }] }]);
    table({ type: "object", properties: { next: { $ref: "#" } } }, [{}, { next: { next: {} } }], [{ next: 1 }]);
    const trap = {
      anyOf: [{ type: "integer" }, { $ref: "#/$defs/endless" }],
      $defs: { endless: { type: "object", properties: { again: { $ref: "#/$defs/endless" } }, required: ["again"] } },
    };
    expect(grammarForFormat(trap)).not.toContain("again");
    table({ type: "object", properties: { a: false, b: { type: "integer" } } }, [{ b: 1 }, {}], [{ a: 1 }]);
  });

  it("takes true, the empty schema, and schemas without a type", () => {
    table({}, [1, "x", null, { a: [] }], []);
    table({ properties: { a: { minimum: 3, type: "integer" } }, required: ["a"] }, [{ a: 3 }], [{ a: 2 }]);
    table(
      {
        title: "T",
        description: "d",
        default: 1,
        examples: [],
        $schema: "x",
        $id: "y",
        "x-note": {},
        deprecated: true,
        type: "null",
      },
      [null],
      [1],
    );
  });
});

describe("refusals", () => {
  const refused: [string, unknown, RegExp][] = [
    [
      "not",
      { type: "object", properties: { x: { not: {} } } },
      /^JSON Schema keyword "not" at #\/properties\/x is not supported$/,
    ],
    ["if", { if: { type: "string" } }, /"if" at # /],
    ["multipleOf", { type: "number", multipleOf: 0.5 }, /"multipleOf"/],
    ["uniqueItems", { type: "array", uniqueItems: true }, /"uniqueItems"/],
    ["patternProperties", { type: "object", patternProperties: { a: {} } }, /"patternProperties"/],
    ["contains", { type: "array", items: { anyOf: [{}, { contains: {} }] } }, /"contains" at #\/items\/anyOf\/1 /],
    ["lookahead", { type: "string", pattern: "^(?=a)b$" }, /"pattern" at # .*lookahead/],
    ["back reference", { type: "string", pattern: "^(a)\\1$" }, /back reference/],
    ["bad pattern", { type: "string", pattern: "^(a$" }, /"pattern"/],
    ["pattern with length", { type: "string", pattern: "^(ab|cde)*$", maxLength: 4 }, /together with/],
    ["format", { type: "string", format: "regex" }, /"format" at # .*"regex"/],
    ["remote reference", { $ref: "https://example.org/x" }, /\$ref "https:\/\/example.org\/x" at #/],
    ["dangling reference", { $ref: "#/$defs/none" }, /points at nothing/],
    ["bad type", { type: "strng" }, /type "strng" at # is unknown/],
    ["bad count", { type: "string", minLength: -1 }, /"minLength" at # must be/],
    ["bad member", { type: "object", properties: { a: 3 } }, /#\/properties\/a must be/],
    ["no value", { type: "object", properties: { a: false }, required: ["a"] }, /cannot be satisfied/],
    ["never", { enum: [] }, /cannot be satisfied/],
    ["endless", { type: "object", properties: { a: { $ref: "#" } }, required: ["a"] }, /cannot be satisfied/],
    ["circle", { $ref: "#/$defs/a", $defs: { a: { $ref: "#/$defs/b" }, b: { $ref: "#/$defs/a" } } }, /cannot be satisfied/],
    ["circle with siblings", { $ref: "#", type: "object" }, /refers to itself/],
    ["left recursion", { anyOf: [{ $ref: "#" }, { type: "null" }] }, /begins with itself/],
    ["length", { type: "string", maxLength: 1e9 }, /"maxLength" at # .* beyond 500000/],
    ["items", { type: "array", minItems: 1e7 }, /"maxItems"/],
  ];
  it.each(refused)("%s", (_name, schema, message) => {
    expect(() => grammarForFormat(schema)).toThrow(message);
    expect(() => grammarForFormat(schema)).toThrow(expect.objectContaining({ status: 400 }));
  });

  it("ends quickly on bombs", () => {
    const deep = JSON.parse(`${'{"properties":{"a":'.repeat(5000)}{}${"}}".repeat(5000)}`);
    expect(() => grammarForFormat(deep)).toThrow(/nested too deeply/);
    const twice = Object.fromEntries(
      Array.from({ length: 60 }, (_, i) => [`a${i}`, { allOf: [{ $ref: `#/$defs/a${i + 1}` }, { $ref: `#/$defs/a${i + 1}` }] }]),
    );
    expect(() => grammarForFormat({ $ref: "#/$defs/a0", $defs: { ...twice, a60: { type: "integer" } } })).toThrow(
      /too large|too many/,
    );
    const ways = Object.fromEntries(
      Array.from({ length: 60 }, (_, i) => [`a${i}`, { anyOf: [{ $ref: `#/$defs/a${i + 1}` }, { $ref: `#/$defs/a${i + 1}` }] }]),
    );
    expect(() => grammarForFormat({ $ref: "#/$defs/a0", $defs: { ...ways, a60: { type: "integer" } } })).toThrow(/too many ways/);
    const chain = Object.fromEntries(
      Array.from({ length: 5000 }, (_, i) => [`a${i}`, { type: "array", items: { $ref: `#/$defs/a${i + 1}` } }]),
    );
    expect(() => grammarForFormat({ $ref: "#/$defs/a0", $defs: { ...chain, a5000: true } })).toThrow(/nested too deeply/);
    const grown = {
      $ref: "#/$defs/n",
      $defs: { n: { properties: { a: { $ref: "#/$defs/n" } } } },
      allOf: [{ $ref: "#/$defs/m" }],
    };
    expect(() =>
      grammarForFormat({ ...grown, $defs: { ...grown.$defs, m: { properties: { a: { $ref: "#/$defs/m" } } } } }),
    ).toThrow(/deeply|large/);
    expect(() =>
      grammarForFormat({ type: "object", properties: Object.fromEntries(Array.from({ length: 3000 }, (_, i) => [`p${i}`, {}])) }),
    ).toThrow(/"properties"/);
  });

  it("takes ten thousand fixed values and hundreds of members", () => {
    const values = Array.from({ length: 10_000 }, (_, index) => `value ${index * 7919}`);
    table({ enum: values }, [values[0], values[9999], values[1234]], ["value", "value x", `${values[3]}5x`]);
    const chain = Array.from({ length: 300 }, (_, index) => "a".repeat(index + 1));
    table({ enum: chain }, ["a", "a".repeat(300), "a".repeat(155)], ["", "a".repeat(301)]);
    const members = Array.from({ length: 400 }, (_, index) => `p${index}`);
    const schema = { type: "object", properties: Object.fromEntries(members.map((name) => [name, { type: "integer" }])) };
    table(schema, [{}, { p3: 1, p350: 2 }, Object.fromEntries(members.map((name) => [name, 1]))], [{ p350: 1, p3: 1 }]);
  });
});
