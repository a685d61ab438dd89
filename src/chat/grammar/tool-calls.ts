/** The parts that the grammars of all families' tool calls are put together from. */
import { Invalid, PunaError } from "../../errors.ts";
import type { Tool } from "../types.ts";
import { anyObject, colon, comma } from "./any-json.ts";
import { charactersOf } from "./code-points.ts";
import { compileSchema } from "./compile.ts";
import { characters, choice, type Expression, empty, repeat, sequence, text } from "./expression.ts";
import { isObject } from "./keywords.ts";
import { define, type Rules } from "./rules.ts";

export interface CallWriter {
  rules: Rules;
  tools: readonly Tool[];
  /** Whether more than one call may follow each other. */
  many: boolean;
  /** What to do with parameters that no grammar can hold: refuse them by name, or let any object through. */
  strict: boolean;
}

/** Line breaks and spaces that models like to put around the parts of a call. */
export const gap: Expression = repeat(characters(charactersOf(" \n")), 0, 2);

/** The same around JSON that a family writes with indentation. */
export const indent: Expression = repeat(characters(charactersOf(" \n")), 0, 12);

/** One call, or several with `separator` between them. */
export function several({ rules, many }: CallWriter, call: Expression, separator: Expression): Expression {
  if (!many) return call;
  const one = define(rules, "call", () => call);
  return sequence(one, repeat(sequence(separator, one), 0, Number.POSITIVE_INFINITY));
}

export interface CallKeys {
  name: string;
  arguments: string;
  argumentsFirst?: boolean;
  /** Space inside the braces and behind the comma, instead of what JSON schemas have. */
  space?: Expression;
  /** More members before and behind, each with its comma. */
  before?: Expression;
  after?: Expression;
}

/** `{"name": tool, "arguments": {...}}`, under the keys of the family. */
export function jsonCall(writer: CallWriter, keys: CallKeys): Expression {
  return eachTool(writer, (tool) => {
    const name = sequence(text(JSON.stringify(keys.name)), colon, text(JSON.stringify(tool.function.name)));
    const given = sequence(text(JSON.stringify(keys.arguments)), colon, jsonArguments(writer, tool));
    const [first, second] = keys.argumentsFirst ? [given, name] : [name, given];
    const { space = empty, before = empty, after = empty } = keys;
    const between = keys.space ? sequence(text(","), space) : comma;
    return sequence(text("{"), space, before, first, between, second, after, space, text("}"));
  });
}

/** Texts by which a call in bare JSON shows itself: its name and the beginning of its braces. */
export function jsonBeginnings(tools: readonly Tool[]): { texts: string[]; first: boolean } {
  return { texts: tools.flatMap(({ function: { name } }) => [`{"name": "${name}"`, `{"name":"${name}"`]), first: true };
}

export function eachTool({ tools }: CallWriter, call: (tool: Tool) => Expression): Expression {
  return choice(...tools.map(call));
}

/** A tool's arguments as a JSON object. */
export function jsonArguments(writer: CallWriter, tool: Tool): Expression {
  const { rules } = writer;
  return held(
    writer,
    tool,
    () => compileSchema(rules, parametersOf(tool)),
    () => anyObject(rules),
  );
}

/** What `compile` gives, or for a schema that no grammar can hold what the writer says. */
export function held({ strict }: CallWriter, tool: Tool, compile: () => Expression, otherwise: () => Expression): Expression {
  try {
    return compile();
  } catch (error) {
    if (!(error instanceof PunaError)) throw error;
    if (!strict) return otherwise();
    throw new Invalid(`the parameters of tool "${tool.function.name}" cannot be enforced: ${error.message}`, { cause: error });
  }
}

/** The schema of a tool's arguments: an object, and an empty one for a tool that declares no parameters. */
export function parametersOf({ function: { parameters } }: Tool): Record<string, unknown> {
  const schema: Record<string, unknown> = { ...parameters, type: "object" };
  const none = parameters === undefined || (isObject(schema.properties) && Object.keys(schema.properties).length === 0);
  return none && schema.additionalProperties === undefined ? { ...schema, additionalProperties: false } : schema;
}
