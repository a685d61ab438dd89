/** Arguments outside JSON: a tool's parameters one by one, each value in the way of the family. */
import type { Tool } from "../types.ts";
import { type Document, openAlternatives } from "./alternatives.ts";
import { schemaCompiler } from "./compile.ts";
import type { Compiler } from "./compiler.ts";
import { choice, type Expression } from "./expression.ts";
import { below, isObject, type Keywords, namesOf, schemasOf, typesOf } from "./keywords.ts";
import { oneOfTexts } from "./strings.ts";
import { type CallWriter, held, parametersOf } from "./tool-calls.ts";

export interface ValueStyle {
  /** A text that no list of values fixes. */
  string(compiler: Compiler, schema: Keywords, place: string): Expression;
  /** A value of `enum` or `const` as it is written. */
  fixed(value: unknown): string;
  /** Objects and lists, where they are not JSON. */
  nested?(compiler: Compiler, type: "object" | "array"): Expression;
  /** A value of which nothing is known. */
  any(compiler: Compiler): Expression;
}

export interface Member {
  name: string;
  required: boolean;
  value: Expression;
}

/** `write` for each way to satisfy the tool's parameters; a parameter that nobody declared has no place in any. */
export function eachMembers(
  writer: CallWriter,
  tool: Tool,
  style: ValueStyle,
  write: (members: Member[]) => Expression,
): Expression {
  const { rules } = writer;
  const root = parametersOf(tool);
  const document: Document = { root, steps: 0 };
  const compiler = schemaCompiler(rules, document);
  const membersOf = (schema: Keywords, place: string): Member[] => {
    const properties = schemasOf(schema, "properties", place);
    const required = namesOf(schema, "required", place);
    const names = [...new Set([...Object.keys(properties), ...required])];
    return names.map((name) => ({
      name,
      required: required.includes(name),
      value: memberValue(compiler, document, properties[name] ?? true, below(place, "properties", name), style),
    }));
  };
  const strictly = () =>
    choice(...openAlternatives(document, root, "#").map(({ schema, place }) => write(membersOf(schema, place))));
  const loosely = () => {
    const names = isObject(root.properties) ? Object.keys(root.properties) : [];
    return write(names.map((name) => ({ name, required: false, value: style.any(compiler) })));
  };
  return held(writer, tool, strictly, loosely);
}

function memberValue(compiler: Compiler, document: Document, schema: unknown, place: string, style: ValueStyle): Expression {
  return choice(...openAlternatives(document, schema, place).map((one) => plainValue(compiler, one.schema, one.place, style)));
}

function plainValue(compiler: Compiler, schema: Keywords, place: string, style: ValueStyle): Expression {
  const values = "const" in schema ? [schema.const] : schema.enum;
  if (Array.isArray(values)) return oneOfTexts(compiler.rules, [...new Set(values.map(style.fixed))], "one-of");
  const types = typesOf(schema, place);
  if (!types) return style.any(compiler);
  return choice(
    ...types.map((type) => {
      if (type === "string") return style.string(compiler, schema, place);
      if (type === "boolean")
        return choice(...[true, false].map((value) => oneOfTexts(compiler.rules, [style.fixed(value)], "")));
      if (type === "null") return oneOfTexts(compiler.rules, [style.fixed(null)], "");
      if ((type === "object" || type === "array") && style.nested) return style.nested(compiler, type);
      return compiler.value({ ...schema, type }, place);
    }),
  );
}
