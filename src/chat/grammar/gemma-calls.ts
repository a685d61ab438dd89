/** Grammar of calls as FunctionGemma and Gemma 4 write them: `call:name{key:value,text:<escape>…<escape>}`. */
import { anyBoolean } from "./any-json.ts";
import { charactersOf, span, union } from "./code-points.ts";
import { characters, choice, type Expression, optional, repeat, sequence, text } from "./expression.ts";
import { anyNumber } from "./numbers.ts";
import { textStyle } from "./plain-values.ts";
import { counted, define, type Rules, share } from "./rules.ts";
import { memberList, textWithout } from "./text-without.ts";
import { eachMembers, type Member, type ValueStyle } from "./tool-arguments.ts";
import { type CallWriter, eachTool } from "./tool-calls.ts";

/** One call. `quote` stands around texts. */
export function gemmaCalls(writer: CallWriter, quote: string): Expression {
  const style = styleOf(quote);
  return eachTool(writer, (tool) =>
    eachMembers(writer, tool, style, (members) => sequence(text(`call:${tool.function.name}`), object(writer.rules, members))),
  );
}

function styleOf(quote: string): ValueStyle {
  const plain = textStyle(quote);
  return {
    string: (compiler, schema, place) => sequence(text(quote), plain.string(compiler, schema, place), text(quote)),
    fixed: (value) => written(value, quote),
    nested: {
      object: ({ rules }, members) => (members ? object(rules, members) : anyObject(rules, quote)),
      array: ({ rules }, items, least, most) => list(rules, items ?? anyValue(rules, quote), least, most),
    },
    any: ({ rules }) => anyValue(rules, quote),
  };
}

function object(rules: Rules, members: Member[]): Expression {
  const given = members.map(({ name, required, value }) => ({ required, text: sequence(text(`${name}:`), value) }));
  return sequence(text("{"), memberList(rules, given, text(",")), text("}"));
}

function list(rules: Rules, item: Expression, least: number, most: number): Expression {
  if (most === 0) return text("[]");
  const one = define(rules, "item", () => item);
  const some = sequence(one, counted(rules, sequence(text(","), one), Math.max(0, least - 1), most - 1));
  return sequence(text("["), least === 0 ? optional(some) : some, text("]"));
}

function anyValue(rules: Rules, quote: string): Expression {
  return share(rules, "gemma-value", (self) => {
    const string = sequence(text(quote), textWithout(rules, quote), text(quote));
    const array = sequence(text("["), optional(sequence(self, again(self))), text("]"));
    return choice(string, anyNumber(rules), anyBoolean(rules), text("null"), anyObject(rules, quote), array);
  });
}

function anyObject(rules: Rules, quote: string): Expression {
  const letters = characters(union(span("az", "AZ", "09"), charactersOf("_")));
  const key = repeat(letters, 1, Number.POSITIVE_INFINITY);
  const pair = share(rules, "gemma-pair", () => sequence(key, text(":"), anyValue(rules, quote)));
  return sequence(text("{"), optional(sequence(pair, again(pair))), text("}"));
}

function again(item: Expression): Expression {
  return repeat(sequence(text(","), item), 0, Number.POSITIVE_INFINITY);
}

function written(value: unknown, quote: string): string {
  if (typeof value === "string") return quote + value + quote;
  if (Array.isArray(value)) return `[${value.map((item) => written(item, quote)).join(",")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  return `{${Object.entries(value)
    .map(([key, item]) => `${key}:${written(item, quote)}`)
    .join(",")}}`;
}
