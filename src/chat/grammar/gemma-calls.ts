/** Grammar of calls as FunctionGemma and Gemma 4 write them: `call:name{key:value,text:<escape>…<escape>}`. */
import { anyBoolean } from "./any-json.ts";
import { charactersOf, span, union } from "./code-points.ts";
import { characters, choice, type Expression, optional, repeat, sequence, text } from "./expression.ts";
import { anyNumber } from "./numbers.ts";
import { textStyle } from "./plain-values.ts";
import { type Rules, share } from "./rules.ts";
import { memberList, textWithout } from "./text-without.ts";
import { eachMembers, type ValueStyle } from "./tool-arguments.ts";
import { type CallWriter, eachTool } from "./tool-calls.ts";

/** One call. `quote` stands around texts. What is nested in an argument may have any shape. */
export function gemmaCalls(writer: CallWriter, quote: string): Expression {
  const style = styleOf(quote);
  return eachTool(writer, (tool) =>
    eachMembers(writer, tool, style, (members) => {
      const given = members.map(({ name, required, value }) => ({ required, text: sequence(text(`${name}:`), value) }));
      return sequence(text(`call:${tool.function.name}{`), memberList(writer.rules, given, text(",")), text("}"));
    }),
  );
}

function styleOf(quote: string): ValueStyle {
  const plain = textStyle(quote);
  const any = (rules: Rules) => anything(rules, quote);
  return {
    string: (compiler, schema, place) => sequence(text(quote), plain.string(compiler, schema, place), text(quote)),
    fixed: (value) => (typeof value === "string" ? quote + value + quote : JSON.stringify(value)),
    nested: ({ rules }, type) => (type === "object" ? anyOf(rules, quote).object : anyOf(rules, quote).array),
    any: ({ rules }) => any(rules),
  };
}

function anything(rules: Rules, quote: string): Expression {
  return share(rules, "gemma-value", () => {
    const { object, array } = anyOf(rules, quote);
    const string = sequence(text(quote), textWithout(rules, quote), text(quote));
    return choice(string, anyNumber(rules), anyBoolean(rules), text("null"), object, array);
  });
}

function anyOf(rules: Rules, quote: string): { object: Expression; array: Expression } {
  const letter = union(span("az", "AZ", "09"), charactersOf("_"));
  const pair = share(rules, "gemma-pair", () =>
    sequence(repeat(characters(letter), 1, Number.POSITIVE_INFINITY), text(":"), anything(rules, quote)),
  );
  return {
    object: sequence(text("{"), listOf(pair), text("}")),
    array: sequence(text("["), listOf(anything(rules, quote)), text("]")),
  };
}

function listOf(item: Expression): Expression {
  return optional(sequence(item, repeat(sequence(text(","), item), 0, Number.POSITIVE_INFINITY)));
}
