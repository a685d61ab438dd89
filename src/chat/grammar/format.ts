/** Ollama's `format` field as a grammar. Compiled grammars are kept, since clients send the same schema again and again. */
import { createHash } from "node:crypto";
import { Failed, Invalid, messageOf, PunaError } from "../../errors.ts";
import { looseObject } from "./any-json.ts";
import { checkGrammar } from "./check.ts";
import { compileSchema } from "./compile.ts";
import type { Expression } from "./expression.ts";
import { isObject } from "./keywords.ts";
import { prune, type Rules } from "./rules.ts";
import { writeGrammar } from "./write.ts";

const MOST_KEPT = 64;
const kept = new Map<string, string>();

/**
 * The GBNF for `format`: undefined for none, the grammar of any object for "json", a compiled schema for an object.
 * Throws Invalid naming the keyword for a schema that cannot be held, and Failed with Ollama's text for anything else.
 */
export function grammarForFormat(format: unknown): string | undefined {
  if (format === undefined || format === null || format === "") return undefined;
  if (format === "json") return remember("json", () => grammarOf(looseObject));
  // Ollama prints the raw bytes as Go's %q does
  if (!isObject(format))
    throw new Failed(`invalid format: ${JSON.stringify(asText(format))}; expected "json" or a valid JSON Schema object`);
  return remember(asText(format), () => grammarOf((rules) => compileSchema(rules, format)));
}

/** Makes, tidies, checks and writes the rules whose whole is what `root` returns. */
export function grammarOf(root: (rules: Rules) => Expression): string {
  const rules: Rules = new Map();
  try {
    rules.set("root", root(rules));
    if (!prune(rules)) throw new Invalid("JSON Schema cannot be satisfied: no finite value is valid");
    const grammar = writeGrammar(rules);
    checkGrammar(grammar);
    return grammar;
  } catch (error) {
    if (error instanceof PunaError && error.code === "invalid_grammar")
      throw new Invalid(`JSON Schema cannot be held: its ${error.message}`, { cause: error });
    throw error;
  }
}

function asText(value: unknown): string {
  try {
    return JSON.stringify(value) ?? String(value);
  } catch (cause) {
    throw new Invalid(`JSON Schema is nested too deeply: ${messageOf(cause)}`, { cause });
  }
}

/** Least recently used goes first. */
export function remember(source: string, make: () => string): string {
  const key = createHash("sha256").update(source).digest("base64");
  const grammar = kept.get(key) ?? make();
  kept.delete(key);
  kept.set(key, grammar);
  const oldest = kept.keys().next().value;
  if (kept.size > MOST_KEPT && oldest !== undefined) kept.delete(oldest);
  return grammar;
}
