import { existsSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Invalid, messageOf } from "../errors.ts";
import { type Command, formatCommand, parseModelfile } from "./modelfile.ts";
import { checkParameters, parseParameters } from "./parameters.ts";

const shared = path.resolve(import.meta.dirname, "../../../shared/data/modelfiles");
const errors: Record<string, string> = {
  "invalid command, line 3":
    '(line 3): command must be one of "from", "license", "template", "system", "adapter", "draft", "renderer", "parser", "parameter", "message", or "requires"',
  "invalid message role, line 3": '(line 3): message role must be one of "system", "user", or "assistant"',
};

describe.skipIf(!existsSync(shared))("parser cases (needs ../shared)", () => {
  interface Case {
    in?: string;
    out?: [string, string][];
    error?: string;
  }
  const cases: Case[] = existsSync(shared) ? JSON.parse(readFileSync(path.join(shared, "parser-cases.json"), "utf8")).cases : [];
  it.each(cases.filter((one) => one.in !== undefined))("$in", ({ in: input, out, error }) => {
    if (error) expect(() => parseModelfile(input!)).toThrow(new Invalid(errors[error] ?? error));
    else expect(parseModelfile(input!).map(({ name, value }) => [name, value])).toEqual(out);
  });

  it.each(existsSync(shared) ? readdirSync(shared).filter((name) => name.endsWith(".Modelfile")) : [])("reads %s", (name) => {
    const commands = parseModelfile(readFileSync(path.join(shared, name)));
    expect(commands.length).toBeGreaterThan(1);
    expect(parseModelfile(commands.map(formatCommand).join("\n"))).toEqual(commands);
  });
});

describe("parseModelfile", () => {
  it("reads UTF-16 of both orders, byte order marks and CRLF", () => {
    const text = '\uFEFFfrom 模型\r\nSystem """你好\r\n🦙"""\r\nparameter stop "a b "';
    const want = [
      { name: "model", value: "模型" },
      { name: "system", value: "你好\n🦙" },
      { name: "stop", value: "a b " },
    ];
    const little = Buffer.from(text, "utf16le");
    expect(parseModelfile(little)).toEqual(want);
    expect(parseModelfile(Buffer.from(little).swap16())).toEqual(want);
    expect(parseModelfile(Buffer.from(text))).toEqual(want);
    expect(parseModelfile(text)).toEqual(want);
  });

  it.each([
    ["FROM a # b", "a # b"],
    ["FROM\ta\t", "a"],
    ["  \t FROM a", "a"],
    ["FROM 'a'", "'a'"],
    ['FROM "a"b"', 'a"b'],
    ["FROM a\0b\x07", "ab"],
    ['FROM """a\n  "quoted"\nb"""', 'a\n  "quoted"\nb'],
    ['FROM "a\nb"  ', "a\nb"],
  ])("%j gives %j", (text, value) => expect(parseModelfile(text)).toEqual([{ name: "model", value }]));

  it.each([
    ["FROM", "unexpected EOF"],
    ["FROM \nSYSTEM x", "unexpected EOF"],
    ['FROM "a', "unexpected EOF"],
    ["FROM a\nPARAMETER  ", "unexpected EOF"],
    ["FROM a\nPARAMETER a-b c", '(line 2): parameter name "a-b" may hold'],
    ["FROM a\nMESSAGE User hi", "(line 2): message role must be one of"],
    ["FROM a\nFROM1 b", "(line 2): command must be one of"],
    ["EMBED x", "(line 1): command must be one of"],
  ])("refuses %j", (text, message) => expect(() => parseModelfile(text)).toThrow(message));

  const value = fc
    .string({ unit: "grapheme" })
    // Not to be written in this grammar: its own closing quotes at a line's end, carriage returns and control characters.
    .filter((text) => !/"""\s*(\n|$)/.test(text) && !/(?![\n\t])\p{Cc}|\uFEFF/u.test(text));
  const command: fc.Arbitrary<Command> = fc.oneof(
    fc.record({
      name: fc.constantFrom("model", "license", "template", "system", "adapter", "renderer", "stop", "num_ctx"),
      value,
    }),
    fc
      .tuple(fc.constantFrom("system", "user", "assistant"), value)
      .map(([role, text]) => ({ name: "message", value: `${role}: ${text}` })),
  );

  it("reads what it prints", () => {
    fc.assert(
      fc.property(fc.array(command), (commands) => {
        const all = [{ name: "model", value: "m" }, ...commands];
        expect(parseModelfile(all.map(formatCommand).join("\n"))).toEqual(all);
      }),
      { numRuns: 500 },
    );
  });

  it("never throws anything but Invalid", () => {
    const words = fc.constantFrom("FROM ", "SYSTEM ", "PARAMETER ", "MESSAGE user ", '"', '"""', "\n", "\r", "#", " ", "\0", "x");
    fc.assert(
      fc.property(
        fc.oneof(
          fc.uint8Array(),
          fc.array(words).map((parts) => Buffer.from(parts.join(""))),
        ),
        (bytes) => {
          try {
            parseModelfile(bytes);
          } catch (error) {
            expect(error).toBeInstanceOf(Invalid);
          }
        },
      ),
      { numRuns: 1000 },
    );
  });

  it.each([
    ["one long line", `FROM m\nSYSTEM ${"x".repeat(10_000_000)}`],
    ["one long quoted line", `FROM m\nSYSTEM """${'"" '.repeat(3_000_000)}"""`],
    ["a million lines in quotes", `FROM m\nSYSTEM """${'" \n'.repeat(1_000_000)}"""`],
    ["zeroes", `FROM m\nSYSTEM a${"\0".repeat(10_000_000)}b`],
    ["spaces", `FROM m${" ".repeat(10_000_000)}\nSYSTEM "${" ".repeat(10_000_000)}x"`],
  ])("reads 10 MB at once: %s", (_, text) => expect(parseModelfile(text)).toHaveLength(2));
});

describe("parameters", () => {
  const parse = (...pairs: [string, string][]) => parseParameters(pairs.map(([name, value]) => ({ name, value })));

  it("gives them their types, and lists accumulate", () => {
    expect(
      parse(
        ["num_ctx", "4096"],
        ["temperature", "0.5"],
        ["temperature", "1e-2"],
        ["stop", "a"],
        ["stop", "b"],
        ["use_mmap", "f"],
      ),
    ).toEqual({ parameters: { num_ctx: 4096, temperature: 0.01, stop: ["a", "b"], use_mmap: false }, warnings: [] });
  });

  it("warns of what is no longer used", () => {
    expect(parse(["low_vram", "true"])).toEqual({ parameters: {}, warnings: ["warning: parameter low_vram is deprecated"] });
  });

  it.each([
    ["num_ctx", "4k", "invalid int value [4k]"],
    ["num_ctx", "4096.0", "invalid int value [4096.0]"],
    ["seed", "99999999999999999999", "invalid int value [99999999999999999999]"],
    ["temperature", "hot", "invalid float value [hot]"],
    ["temperature", "1e999", "invalid float value [1e999]"],
    ["use_mmap", "maybe", "invalid bool value [maybe]"],
    ["colour", "red", "unknown parameter 'colour'"],
  ])("refuses %s %s", (name, value, message) => expect(() => parse([name, value])).toThrow(new Invalid(message)));

  it("checks those of a request", () => {
    expect(checkParameters({ num_ctx: 10.7, temperature: "0.5", stop: "x", other: { a: 1 }, seed: null })).toEqual({
      num_ctx: 10,
      temperature: 0.5,
      stop: ["x"],
      other: { a: 1 },
      seed: null,
    });
    expect(messageOf(new Invalid("x"))).toBe("x");
    expect(() => checkParameters({ stop: [1] })).toThrow(new Invalid('option "stop" must be of an array of strings'));
    expect(() => checkParameters({ num_ctx: true })).toThrow(new Invalid('option "num_ctx" must be of type integer'));
    expect(() => checkParameters({ temperature: [] })).toThrow(new Invalid('option "temperature" must be of type float32'));
  });
});
