/** Arguments outside JSON: a tool's parameters one by one, each value in the way of the family. */
import type { Tool } from "../types.ts";
import { alternatives, type Document, openAlternatives, resolve } from "./alternatives.ts";
import { schemaCompiler } from "./compile.ts";
import { type Compiler, hintOf } from "./compiler.ts";
import { choice, type Expression, text } from "./expression.ts";
import { below, countOf, isObject, type Keywords, namesOf, schemasOf, typesOf } from "./keywords.ts";
import { define } from "./rules.ts";
import { oneOfTexts } from "./strings.ts";
import { type CallWriter, held, parametersOf } from "./tool-calls.ts";

export interface ValueStyle {
  /** A text that no list of values fixes. */
  string(compiler: Compiler, schema: Keywords, place: string): Expression;
  /** A value of `enum` or `const` as it is written. */
  fixed(value: unknown): string;
  /** Objects and lists, where they are not JSON. Without members or items: of any kind. */
  nested?: {
    object(compiler: Compiler, members: Member[] | undefined): Expression;
    array(compiler: Compiler, items: Expression | undefined, least: number, most: number): Expression;
  };
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
  const root = parametersOf(tool);
  const strictly = () => {
    const values = new Values(writer, { root, steps: 0 }, style);
    return choice(
      ...openAlternatives(values.document, root, "#").map(({ schema, place }) => write(values.members(schema, place))),
    );
  };
  const loosely = () => {
    const compiler = schemaCompiler(writer.rules, { root: {}, steps: 0 });
    const names = isObject(root.properties) ? Object.keys(root.properties) : [];
    return write(names.map((name) => ({ name, required: false, value: style.any(compiler) })));
  };
  return held(writer, tool, strictly, loosely);
}

class Values {
  readonly document: Document;
  readonly #compiler: Compiler;
  readonly #style: ValueStyle;
  readonly #references = new Map<string, Expression>();

  constructor({ rules }: CallWriter, document: Document, style: ValueStyle) {
    this.document = document;
    this.#compiler = schemaCompiler(rules, document);
    this.#style = style;
  }

  members(schema: Keywords, place: string): Member[] {
    const properties = schemasOf(schema, "properties", place);
    const required = namesOf(schema, "required", place);
    return [...new Set([...Object.keys(properties), ...required])].map((name) => ({
      name,
      required: required.includes(name),
      value: this.value(Object.hasOwn(properties, name) ? properties[name] : true, below(place, "properties", name)),
    }));
  }

  value(schema: unknown, place: string): Expression {
    const ways = alternatives(this.document, schema, place);
    return choice(...ways.map((way) => ("schema" in way ? this.#plain(way.schema, way.place) : this.#referred(way))));
  }

  /** A rule of its own, since it may lead back to itself. */
  #referred({ reference, place }: { reference: string; place: string }): Expression {
    const known = this.#references.get(reference);
    if (known) return known;
    // Throws where the reference leads back to itself with nothing between.
    openAlternatives(this.document, { $ref: reference }, place);
    const target = resolve(this.document, reference, place);
    return define(this.#compiler.rules, hintOf(reference), (self) => {
      this.#references.set(reference, self);
      return this.value(target, reference);
    });
  }

  #plain(schema: Keywords, place: string): Expression {
    const values = "const" in schema ? [schema.const] : schema.enum;
    if (Array.isArray(values)) return this.#oneOf(values);
    const types = typesOf(schema, place);
    if (!types) return this.#style.any(this.#compiler);
    return choice(...types.map((type) => this.#typed(type, schema, place)));
  }

  #typed(type: string, schema: Keywords, place: string): Expression {
    const { nested, string } = this.#style;
    if (type === "string") return string(this.#compiler, schema, place);
    if (type === "boolean") return this.#oneOf([true, false]);
    if (type === "null") return text(this.#style.fixed(null));
    if (type === "object" && nested)
      return nested.object(this.#compiler, schema.properties === undefined ? undefined : this.members(schema, place));
    if (type === "array" && nested) {
      const items = schema.items === undefined ? undefined : this.value(schema.items, below(place, "items"));
      const most = countOf(schema, "maxItems", place) ?? Number.POSITIVE_INFINITY;
      return nested.array(this.#compiler, items, countOf(schema, "minItems", place) ?? 0, most);
    }
    return this.#compiler.value({ ...schema, type }, place);
  }

  #oneOf(values: unknown[]): Expression {
    return oneOfTexts(this.#compiler.rules, [...new Set(values.map((value) => this.#style.fixed(value)))], "one-of");
  }
}
