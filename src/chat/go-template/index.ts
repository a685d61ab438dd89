/** Go's text/template as Ollama uses it: `parse` once, `execute` often, and questions about a tree. */
import type { Tree } from "./ast.ts";
import { builtins } from "./functions.ts";
import { ollamaFunctions } from "./ollama-functions.ts";
import { parse as parseTree } from "./parser.ts";
import { execute as executeTree } from "./runtime.ts";
import type { Value } from "./value.ts";

export { printTree, type Tree } from "./ast.ts";
export { TemplateError } from "./error.ts";
export { fromJson, jsonObject, type List, type Struct, toJson, type Value } from "./value.ts";

const known = new Set(["and", "or", ...Object.keys(builtins), ...Object.keys(ollamaFunctions(new Date(0)))]);

/** Parses a template that may call Go's and Ollama's functions. Throws `TemplateError` with Go's wording. */
export function parse(source: string): Tree {
  return parseTree(source, (name) => known.has(name));
}

/** Runs a parsed template over `data`. Throws `TemplateError`. */
export function execute(tree: Tree, data: Value, options: { now?: Date } = {}): string {
  return executeTree(tree, data, ollamaFunctions(options.now ?? new Date()));
}
