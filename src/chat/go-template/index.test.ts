/** The Go template engine against Go's documented behaviour. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { execute, fromJson, parse, printTree, TemplateError } from "./index.ts";

const data = {
  name: "Ada",
  empty: "",
  zero: 0,
  list: ["x", "y", "z"],
  none: [],
  map: { b: 1, a: "one", c: [true, null] },
  nested: { deep: { leaf: "L" } },
  html: `<a href="x">&'`,
  zh: "你好",
  half: 1.5,
  big: 1000000,
};
const run = (source: string, now = new Date(2025, 2, 1)) => execute(parse(source), fromJson(data), { now });

describe("text and actions", () => {
  it.each([
    ["a {{- .name -}} b", "aAdab"],
    ["a\n {{- /* note */ -}} \n b", "ab"],
    ["a {{/* note */}} b", "a  b"],
    ["{{.name}}-}}", "Ada-}}"],
    ["{{ -3 }}{{ - }}", null],
    ["{{ .name.x }}", null],
    ["{{ .missing }}|{{ .map.missing }}", "<no value>|<no value>"],
    ["{{ .missing.x }}", null],
    ["{{ .nested.deep.leaf }}{{ (.nested).deep.leaf }}{{ $.nested.deep.leaf }}", "LLL"],
    ["{{ $x := .nested }}{{ $x.deep.leaf }}{{ with $x.deep }}{{ .leaf }}{{ $.name }}{{ end }}", "LLAda"],
    ['{{ "a\\n\\"\\u4f60\\x41" }}{{ `r\\n` }}{{ \'a\' }}', 'a\n"你Ar\\n97'],
    [
      "{{ 0x1F }} {{ 1_000 }} {{ 017 }} {{ 0b11 }} {{ 1.50 }} {{ 1e3 }} {{ 1e6 }} {{ -0.00001 }}",
      "31 1000 15 3 1.5 1000 1e+06 -1e-05",
    ],
    ["{{ true }} {{ .map }} {{ .list }} {{ .half }} {{ .big }}", "true map[a:one b:1 c:[true <nil>]] [x y z] 1.5 1e+06"],
  ])("%s", (source, expected) => {
    if (expected === null) expect(() => run(source)).toThrow(TemplateError);
    else expect(run(source)).toBe(expected);
  });
});

describe("control", () => {
  it.each([
    ["{{ if .name }}y{{ else }}n{{ end }}{{ if .empty }}y{{ else if .zero }}z{{ else if .none }}l{{ else }}n{{ end }}", "yn"],
    [
      "{{ with .name }}{{ . }}{{ end }}{{ with .empty }}{{ . }}{{ else }}none{{ end }}{{ with .empty }}a{{ else with .name }}{{ . }}{{ end }}",
      "AdanoneAda",
    ],
    [
      "{{ range .list }}{{ . }}{{ end }}{{ range .none }}a{{ else }}none{{ end }}{{ range .missing }}a{{ else }}nil{{ end }}",
      "xyznonenil",
    ],
    [
      "{{ range $i, $v := .list }}{{ $i }}{{ $v }}{{ end }}{{ range $v := .list }}{{ $v }}{{ end }}{{ range $i := 3 }}{{ $i }}{{ end }}",
      "0x1y2zxyz012",
    ],
    ["{{ range $k, $v := .map }}{{ $k }}={{ $v }};{{ end }}", "a=one;b=1;c=[true <nil>];"],
    [
      '{{ range .list }}{{ if eq . "y" }}{{ continue }}{{ end }}{{ . }}{{ end }}{{ range .list }}{{ if eq . "y" }}{{ break }}{{ end }}{{ . }}{{ end }}',
      "xzx",
    ],
    ['{{ $s := "" }}{{ range .list }}{{ $s = print $s . "," }}{{ end }}{{ $s }}', "x,y,z,"],
    ["{{ $x := 1 }}{{ if true }}{{ $x := 2 }}{{ $x }}{{ $x = 3 }}{{ $x }}{{ end }}{{ $x }}", "231"],
    [
      '{{ define "t" }}[{{ . }}{{ $.leaf }}]{{ end }}{{ template "t" .nested.deep }}{{ block "b" .name }}<{{ . }}>{{ end }}',
      "[map[leaf:L]L]<Ada>",
    ],
    ["{{ $i := 0 }}{{ $v := 0 }}{{ range $i, $v = .list }}{{ end }}{{ $i }}{{ $v }}", "2z"],
  ])("%s", (source, expected) => expect(run(source)).toBe(expected));
});

describe("functions", () => {
  it.each([
    ['{{ and .name 0 .missing.oops }}{{ or 0 "" .name .missing.oops }}{{ and }}', null],
    ['{{ and 1 0 .missing.oops }}{{ or 0 "" .name .missing.oops }}{{ not 0 }}{{ and 1 2 }}', "0Adatrue2"],
    [
      '{{ eq 1 2 3 1 }}{{ ne "a" "b" }}{{ lt 1 2 }}{{ le "a" "a" }}{{ gt 1.5 1.0 }}{{ ge 2 3 }}{{ eq .missing nil }}',
      "truetruetruetruetruefalsetrue",
    ],
    ["{{ eq 1 1.0 }}", null],
    ["{{ eq .list .list }}", null],
    ["{{ lt true false }}", null],
    ['{{ len .list }}{{ len .zh }}{{ len .map }}{{ len "" }}', "3630"],
    ["{{ len 3 }}", null],
    [
      '{{ index .list 1 }}{{ index .map "a" }}{{ index .map "c" 0 }}{{ index "abc" 1 }}{{ index .map "zzz" }}',
      "yonetrue98<no value>",
    ],
    ["{{ index .list 3 }}", null],
    ['{{ slice .list 1 }}{{ slice .list 0 1 }}{{ slice "abcdef" 2 4 }}{{ len (slice .list 3) }}', "[y z][x]cd0"],
    ["{{ slice .list 2 1 }}", null],
    ['{{ print 1 2 "a" 3 "b" "c" 4 5 }}|{{ println 1 "a" }}', "1 2a3bc4 5|1 a\n"],
    ['{{ "x" | printf "%s-%s" "y" }}{{ .name | len | printf "%03d" }}', "y-x003"],
    [
      "{{ html .html }}|{{ js .html }}|{{ urlquery .html .zh }}",
      '&lt;a href=&#34;x&#34;&gt;&amp;&#39;|\\u003Ca href\\u003D\\"x\\"\\u003E\\u0026\\\'|%3Ca+href%3D%22x%22%3E%26%27%E4%BD%A0%E5%A5%BD',
    ],
    [
      "{{ json .map }} {{ json .html }} {{ json .missing }} {{ .list | json }}",
      '{"a":"one","b":1,"c":[true,null]} "\\u003ca href=\\"x\\"\\u003e\\u0026\'" null ["x","y","z"]',
    ],
    ['{{ currentDate }} {{ yesterdayDate }} {{ currentDate "ignored" }}', "2025-03-01 2025-02-28 2025-03-01"],
    ["{{ call .name }}", null],
  ])("%s", (source, expected) => {
    if (expected === null) expect(() => run(source)).toThrow(TemplateError);
    else expect(run(source)).toBe(expected);
  });

  it.each([
    ['"%s|%v|%d|%q|%t" "a" 2 3 "q\\n" true', 'a|2|3|"q\\n"|true'],
    [
      '"%5d|%-5d|%05d|%+d|% d|%x|%X|%#x|%o|%b|%c|%U|%q" 42 42 -42 42 42 255 255 255 8 5 65 20320 65',
      "   42|42   |-0042|+42| 42|ff|FF|0xff|10|101|A|U+4F60|'A'",
    ],
    [
      '"%f|%.2f|%g|%e|%8.3f|%G|%.3g" 1.5 1.005 1e21 1234.5 3.14159 1e-7 1234.0',
      "1.500000|1.00|1e+21|1.234500e+03|   3.142|1E-07|1.23e+03",
    ],
    ['"%5s|%-5s|%.2s|%x|%X" "ab" "ab" "你好吗" "hi" "hi"', "   ab|ab   |你好|6869|6869"],
    ['"%d|%s|%z|%d" "a" 1 2', "%!d(string=a)|%!s(int=1)|%!z(int=2)|%!d(MISSING)"],
    ['"a" 1 "b" nil', "a%!(EXTRA int=1, string=b, <nil>)"],
    ['"%T %*d %%" "a" 4 7', "string    7 %"],
    ['"%[2]s %[1]s" "a" "b"', "b a"],
    ['"%"', "%!(NOVERB)"],
  ])("printf %s", (args, expected) => {
    expect(run(`{{ printf ${args} }}`)).toBe(expected);
  });
});

describe("faults", () => {
  it.each([
    ["{{", "template: :1: unclosed action"],
    ["\n{{ if .x }}", "template: :2: unexpected EOF"],
    ["{{ end }}", "template: :1: unexpected {{end}}"],
    ["{{ if .x }}{{ else }}{{ else }}{{ end }}", "template: :1: expected end; found {{else}}"],
    ["{{ if }}{{ end }}", "template: :1: missing value for if"],
    ["{{ }}", "template: :1: missing value for command"],
    ["{{ nope 1 }}", 'template: :1: function "nope" not defined'],
    ["{{ $x }}", 'template: :1: undefined variable "$x"'],
    ["{{ break }}", "template: :1: {{break}} outside {{range}}"],
    ['{{ "abc }}', "template: :1: unterminated quoted string"],
    ["{{ (1 }}", "template: :1: unclosed left paren"],
    ["{{ 1) }}", "template: :1: unexpected right paren"],
    ["{{ 3x }}", 'template: :1: bad number syntax: "3x"'],
    ["{{ @ }}", "template: :1: unrecognized character in action: U+0040 '@'"],
    ["{{/* x }}", "template: :1: unclosed comment"],
    ["{{ nil }}", "template: :1: nil is not a command"],
    ["{{ 1 | 2 }}", "template: :1: non executable command in pipeline stage 2"],
    ["{{ $a, $b := .x }}", "template: :1: too many declarations in command"],
  ])("%s", (source, message) => expect(() => parse(source)).toThrow(message));

  it("says where execution failed", () => {
    expect(() => run("\n你{{ .name | len | index .list }}")).toThrow(
      'template: :2:20: executing "" at <index .list>: error calling index: index out of range: 3',
    );
    expect(() => run("{{ .name 1 }}")).toThrow("has arguments but cannot be invoked as function");
    expect(() => run('{{ template "x" }}')).toThrow('template "x" not defined');
  });

  it("bounds recursion, steps and text", () => {
    expect(() => run('{{ define "t" }}{{ template "t" . }}{{ end }}{{ template "t" }}')).toThrow(
      "exceeded maximum template depth",
    );
    expect(() => run("{{ range 99999999 }}{{ end }}")).toThrow("too many steps");
    expect(() => run(`{{ $x := "0123456789" }}{{ range 60 }}{{ $x = print $x $x }}{{ end }}{{ $x }}`)).toThrow("too much text");
    expect(() => parse(`{{ ${"(".repeat(5000)}1${")".repeat(5000)} }}`)).toThrow("max nesting depth exceeded");
    expect(() => parse("{{ if 1 }}".repeat(5000))).toThrow("max nesting depth exceeded");
  });
});

describe("properties", () => {
  const piece = fc.constantFrom(
    ..."{{ }} {{- -}} /* */ if else end range with define template block break continue . .name $ $x := = | ( ) , eq and printf \"s\" `r` 'c' 1 2.5 nil true len .list .map index text \n".split(
      " ",
    ),
    " ",
  );
  const soup = fc.array(piece, { maxLength: 40 }).map((pieces) => pieces.join(""));

  it("parses or says why, whatever the text", () => {
    fc.assert(
      fc.property(
        fc.oneof(
          soup,
          fc.string({ unit: "binary" }),
          soup.map((text) => `{{ ${text} }}`),
        ),
        (source) => {
          try {
            execute(parse(source), fromJson(data));
          } catch (error) {
            expect(error).toBeInstanceOf(TemplateError);
          }
        },
      ),
      { numRuns: 2000 },
    );
  });

  const expression = fc.constantFrom(
    ".name",
    ".list",
    ".map.a",
    "1",
    '"s"',
    "(len .list)",
    "$.name",
    "true",
    "(.nested).deep",
    ".none",
  );
  const template: fc.Arbitrary<string> = fc.letrec<{ node: string }>((tie) => ({
    node: fc.oneof(
      { maxDepth: 4 },
      fc.constantFrom("text", " { ", "{ {{- 1}}", "\n"),
      expression.map((value) => `{{ print ${value} | printf "%v" }}`),
      fc
        .tuple(expression, tie("node"), tie("node"))
        .map(([value, a, b]) => `{{ if ${value} | not }}${a}{{ else if eq ${value} 1 }}${b}{{ end }}`),
      fc.tuple(tie("node"), tie("node")).map(([a, b]) => `{{ range $i, $v := .list }}${a}{{ $i -}} {{ else }}${b}{{ end }}`),
      fc.tuple(tie("node"), tie("node")).map(([a, b]) => `${a} {{- /* c */}}${b}`),
    ),
  })).node;

  it("prints a tree as a template with the same result", () => {
    fc.assert(
      fc.property(template, (source) => {
        const tree = parse(source);
        const printed = printTree(tree);
        expect(outcome(printed)).toBe(outcome(source));
        expect(printTree(parse(printed))).toBe(printTree(parse(printTree(parse(printed)))));
      }),
      { numRuns: 500 },
    );
  });

  function outcome(source: string): string {
    try {
      return execute(parse(source), fromJson(data));
    } catch (error) {
      return error instanceof TemplateError ? error.message.replace(/^.*executing/, "") : "unexpected";
    }
  }
});
