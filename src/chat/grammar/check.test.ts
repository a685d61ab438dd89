/** Raw grammars: each fault is one sentence that names it. */
import { describe, expect, it } from "vitest";
import { checkGrammar } from "./check.ts";

describe("checkGrammar", () => {
  it.each([
    'root ::= "yes" | "no"',
    '# comment\nroot ::= a b? [^\\x00-\\x1F\\]\\-]* # more\n\na ::= (\n  "x"\n  | \'y\' | b\n)\nb ::= "\\"" .'.replace(
      "| 'y' ",
      "",
    ),
    'root ::= item{2,} tail\nitem ::= [0-9]{1,3}","\ntail ::= <|end|> | !<[3]>',
    'root ::= "\\u4f60" | "😀"\r\n',
  ])("takes %j", (grammar) => {
    expect(() => checkGrammar(grammar)).not.toThrow();
  });

  const bomb = `root ::= a0\n${Array.from({ length: 40 }, (_, i) => `a${i} ::= a${i + 1} "x" | a${i + 1} "y"`).join("\n")}\na40 ::= "z"`;
  const chain = `root ::= a0\n${Array.from({ length: 20_000 }, (_, i) => `a${i} ::= a${i + 1}`).join("\n")}\na20000 ::= "z"`;
  it.each([
    ["no root", 'main ::= "a"', 'grammar has no rule "root"'],
    ["empty", "", 'grammar has no rule "root"'],
    ["undefined", "root ::= a\n", 'grammar uses rule "a" in "root" but never defines it'],
    ["twice", 'root ::= "a"\nroot ::= "b"', 'grammar, line 2: rule "root" is defined twice'],
    ["quote", 'root ::= "a', "grammar, line 1: expected a closing quote before the end"],
    ["bracket", 'root ::= ("a"\n', "grammar, line 2: expected ) but found the end"],
    ["set", "root ::= [a-z", "grammar, line 1: expected a closing ] before the end"],
    ["escape", 'root ::= "\\d"', 'grammar, line 1: unknown escape "\\\\d"'],
    ["arrow", 'root = "a"', 'grammar, line 1: expected ::= after "root" but found "= \\"a\\""'],
    ["stray", 'root ::= "a" }', 'grammar, line 1: expected the end of rule "root" but found "}"'],
    ["nothing to repeat", "root ::= *", "grammar, line 1: nothing to repeat"],
    ["backwards", 'root ::= "a"{3,2}', "grammar, line 1: {3,2} counts down"],
    ["too many", 'root ::= "a"{3000}', "grammar, line 1: a repetition is too large"],
    ["nested counts", 'root ::= (("a"? "b"){0,60}){0,60}', "grammar, line 1: a repetition is too large"],
    ["left recursion", 'root ::= root "a" | "b"', 'grammar rule "root" begins with itself (left recursion)'],
    ["hidden left recursion", 'root ::= e root "a"\ne ::= f\nf ::= "x"?', "begins with itself"],
    ["endless nothing", 'root ::= ("a"?)*', "repeats something that may be empty without end"],
    ["exponential beginnings", bomb, "has too many ways to begin rule"],
    ["long chain", chain, "nests rules too deeply"],
    ["brackets", `root ::= ${"(".repeat(5000)}"a"${")".repeat(5000)}`, "brackets deeper than 100"],
    ["NUL", 'root ::= "a\0"', "grammar, line 1: a NUL character"],
    ["written out", `root ::= ("${"x".repeat(2000)}"){1999}`, "is too large"],
    ["length", `root ::= "${"x".repeat(2_000_001)}"`, "is longer than"],
  ])("refuses %s", (_name, grammar, message) => {
    expect(() => checkGrammar(grammar)).toThrow(message);
    expect(() => checkGrammar(grammar)).toThrow(expect.objectContaining({ status: 400, code: "invalid_grammar" }));
  });
});
