/** JSON Schema to rules. The language of the grammar lies inside the schema: what it accepts is always valid. */
import { Invalid } from "../../errors.ts";
import { type Alternative, alternatives, type Document, resolve } from "./alternatives.ts";
import { anyArray, anyBoolean, anyObject, anyValue } from "./any-json.ts";
import { compileArray } from "./arrays.ts";
import { type Compiler, hintOf } from "./compiler.ts";
import { choice, type Expression, text } from "./expression.ts";
import { isObject, type JsonType, type Keywords, keywordsByType, typesOf, unsupported } from "./keywords.ts";
import { compileObject } from "./objects.ts";
import { define, longestRepetition, type Rules } from "./rules.ts";
import { compileFixed, compileNumber, compileString } from "./scalars.ts";

const MOST_DEPTH = 200;

/** Adds the rules for a whole schema and returns the expression for its values. Throws Invalid, naming place and keyword. */
export function compileSchema(rules: Rules, root: unknown): Expression {
  return schemaCompiler(rules, { root, steps: 0 }).value(root, "#");
}

/** For parts of a schema: references in them start from the document's root. */
export function schemaCompiler(rules: Rules, document: Document): Compiler {
  limitDepth(document.root);
  const references = new Map<string, Expression>();
  let depth = 0;
  const compiler: Compiler = {
    rules,
    limitCount(keyword, min, max, place) {
      if (min > longestRepetition || (max !== Number.POSITIVE_INFINITY && max > longestRepetition))
        throw unsupported(keyword, place, ` beyond ${longestRepetition}`);
    },
    value(schema, place) {
      if (++depth > MOST_DEPTH)
        throw new Invalid(`JSON Schema is nested too deeply at ${place.slice(0, 200)}: ${MOST_DEPTH} levels at most`);
      const found = choice(...alternatives(document, schema, place).map(one));
      depth--;
      return found;
    },
  };
  return compiler;

  function one(alternative: Alternative): Expression {
    if ("schema" in alternative) return compileOne(compiler, alternative.schema, alternative.place);
    const { reference, place } = alternative;
    const known = references.get(reference);
    if (known) return known;
    const target = resolve(document, reference, place);
    return define(rules, hintOf(reference), (self) => {
      references.set(reference, self);
      return compiler.value(target, reference);
    });
  }
}

function compileOne(compiler: Compiler, schema: Keywords, place: string): Expression {
  if ("const" in schema || schema.enum !== undefined) return compileFixed(compiler, schema, place);
  const types = typesOf(schema, place);
  if (!types) return anyValue(compiler.rules);
  return choice(...[...new Set(types)].map((type) => compileType(compiler, schema, place, type)));
}

function compileType(compiler: Compiler, schema: Keywords, place: string, type: JsonType): Expression {
  const plain =
    type === "object" || type === "array" ? keywordsByType[type].every((keyword) => schema[keyword] === undefined) : false;
  switch (type) {
    case "object":
      return plain ? anyObject(compiler.rules) : compileObject(compiler, schema, place);
    case "array":
      return plain ? anyArray(compiler.rules) : compileArray(compiler, schema, place);
    case "string":
      return compileString(compiler, schema, place);
    case "boolean":
      return anyBoolean(compiler.rules);
    case "null":
      return text("null");
    default:
      return compileNumber(compiler, schema, place, type === "integer");
  }
}

/** Level by level, without recursion, so that a bomb of brackets cannot break the stack. */
function limitDepth(root: unknown): void {
  let level: unknown[] = [root];
  for (let depth = 0; level.length > 0; depth++) {
    if (depth > MOST_DEPTH * 2)
      throw new Invalid(`JSON Schema is nested too deeply: ${MOST_DEPTH * 2} levels of brackets at most`);
    level = level.flatMap((value) => (Array.isArray(value) ? value : isObject(value) ? Object.values(value) : []));
  }
}
