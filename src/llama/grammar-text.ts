/** Bounds on GBNF text: llama.cpp's parser recurses on parentheses and takes quadratic time, and neither may take the process down. */
import { Invalid } from "../errors.ts";

const MOST_CHARACTERS = 2 ** 19;
const MOST_DEPTH = 200;

/** Throws `Invalid` for a grammar that is empty, holds a NUL, is too long or nests too deep. */
export function checkGrammarText(grammar: string): void {
  const fault = (problem: string) => new Invalid(`invalid grammar: it ${problem}`);
  if (grammar.trim() === "") throw fault("is empty");
  if (grammar.includes("\0")) throw fault("holds a NUL");
  if (grammar.length > MOST_CHARACTERS) throw fault(`has ${grammar.length} characters, and ${MOST_CHARACTERS} is the most`);
  if (nesting(grammar) > MOST_DEPTH) throw fault(`nests parentheses more than ${MOST_DEPTH} deep`);
}

/** The deepest nesting of parentheses outside literals, character classes and comments. */
function nesting(grammar: string): number {
  let depth = 0;
  let deepest = 0;
  for (const [token] of grammar.matchAll(/"(?:\\.|[^"\\])*"|\[(?:\\.|[^\]\\])*\]|#[^\n]*|[()]/gs)) {
    if (token === "(") deepest = Math.max(deepest, ++depth);
    else if (token === ")") depth--;
  }
  return deepest;
}
