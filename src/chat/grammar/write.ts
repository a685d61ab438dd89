/** Writes rules as GBNF, llama.cpp's grammar text. Escapes and precedence follow its parser. */
import { complement, type Range } from "./code-points.ts";
import type { Expression } from "./expression.ts";
import type { Rules } from "./rules.ts";

/** One rule a line, `root` first. */
export function writeGrammar(rules: Rules): string {
  const names = [...rules.keys()].sort((a, b) => Number(b === "root") - Number(a === "root"));
  return names.map((name) => `${name} ::= ${write(rules.get(name), "rule")}\n`).join("");
}

function write(expression: Expression | undefined, inside: "rule" | "sequence" | "repeat"): string {
  switch (expression?.kind) {
    case "text":
      return `"${[...expression.text].map((character) => written(character, '"')).join("")}"`;
    case "class":
      return writeClass(expression.ranges);
    case "rule":
      return expression.name;
    case "token":
      return expression.source;
    case "sequence": {
      const body = expression.items.map((item) => write(item, "sequence")).join(" ") || '""';
      return inside === "repeat" ? `(${body})` : body;
    }
    case "choice": {
      const body = expression.items.map((item) => write(item, "rule")).join(" | ");
      return inside === "rule" ? body : `(${body})`;
    }
    case "repeat":
      // a second operator would apply to the expansion of the first, so a repeat inside a repeat gets its brackets
      return wrap(`${write(expression.item, "repeat")}${operator(expression.min, expression.max)}`, inside === "repeat");
    default:
      return '""';
  }
}

function wrap(body: string, brackets: boolean): string {
  return brackets ? `(${body})` : body;
}

function operator(min: number, max: number): string {
  if (max === Number.POSITIVE_INFINITY) return min === 0 ? "*" : min === 1 ? "+" : `{${min},}`;
  if (min === 0 && max === 1) return "?";
  return min === max ? `{${min}}` : `{${min},${max}}`;
}

/** Sets that reach the end of Unicode read better, and cost less, as what they leave out. */
function writeClass(ranges: Range[]): string {
  const open = (ranges.at(-1)?.[1] ?? 0) >= 0x10ffff;
  const left = open ? complement(ranges) : ranges;
  if (open && left.length === 0) return ".";
  const body = left.map(([first, last]) => {
    const [from, to] = [String.fromCodePoint(first), String.fromCodePoint(last)].map((character) => written(character, "]-^["));
    return first === last ? from : last === first + 1 ? `${from}${to}` : `${from}-${to}`;
  });
  return `[${open ? "^" : ""}${body.join("")}]`;
}

/** `special` are the characters with a meaning here. Only some may be escaped by name, so the others go as numbers. */
function written(character: string, special: string): string {
  const code = character.codePointAt(0) ?? 0;
  if (character === "\n") return "\\n";
  if (character === "\r") return "\\r";
  if (character === "\t") return "\\t";
  if (character === "\\" || (special.includes(character) && '"[]-'.includes(character))) return `\\${character}`;
  if (code < 0x20 || code === 0x7f || special.includes(character)) return `\\x${hex(code, 2)}`;
  if (code < 0x7f || /[\p{L}\p{N}\p{P}\p{S}]/u.test(character)) return character;
  return code > 0xffff ? `\\U${hex(code, 8)}` : `\\u${hex(code, 4)}`;
}

function hex(code: number, width: number): string {
  return code.toString(16).toUpperCase().padStart(width, "0");
}
