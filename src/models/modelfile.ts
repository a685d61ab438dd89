/** Modelfiles: text <-> commands. The grammar is Ollama's. Knows nothing of the store, so that the command line can use it. */
import { Invalid } from "../errors.ts";

/**
 * One instruction. FROM is named `model`, `PARAMETER k v` is named `k`, and MESSAGE has `role: text` as its value;
 * the others have their own name in lower case.
 */
export interface Command {
  name: string;
  value: string;
}

const instructions = [
  "from",
  "license",
  "template",
  "system",
  "adapter",
  "draft",
  "renderer",
  "parser",
  "parameter",
  "message",
  "requires",
];
const roles = ["system", "user", "assistant"];

const listed = (words: string[]) =>
  `${words
    .slice(0, -1)
    .map((word) => `"${word}"`)
    .join(", ")}, or "${words.at(-1)}"`;

/** The commands of a Modelfile. Throws Invalid with Ollama's texts, such as `(line 3): command must be one of …`. */
export function parseModelfile(input: string | Uint8Array): Command[] {
  const text = (typeof input === "string" ? input.replace(/^\uFEFF/, "") : decode(input)).replace(/\r\n?/g, "\n");
  const lines = text.split("\n");
  const commands: Command[] = [];
  for (let at = 0; at < lines.length; at++) {
    const line = (lines[at] ?? "").replace(/^[ \t]+/, "");
    if (line === "" || line.startsWith("#")) continue;
    const { name, prefix, rest } = parseHead(line, at + 1);
    const { value, next } = parseValue(rest, lines, at);
    commands.push({ name, value: prefix + value });
    at = next;
  }
  if (!commands.some(({ name }) => name === "model")) throw new Invalid("no FROM line");
  return commands;
}

/** UTF-8, or UTF-16 of either byte order with its mark. */
function decode(bytes: Uint8Array): string {
  const encoding =
    bytes[0] === 0xff && bytes[1] === 0xfe ? "utf-16le" : bytes[0] === 0xfe && bytes[1] === 0xff ? "utf-16be" : "utf-8";
  return new TextDecoder(encoding).decode(bytes);
}

function parseHead(line: string, lineNumber: number): { name: string; prefix: string; rest: string } {
  const fault = (message: string) => new Invalid(`(line ${lineNumber}): ${message}`);
  const word = /^[^ \t]+/.exec(line)?.[0] ?? "";
  const instruction = word.toLowerCase();
  if (!instructions.includes(instruction)) throw fault(`command must be one of ${listed(instructions)}`);
  let rest = line.slice(word.length);
  if (rest === "") throw eof();
  if (instruction === "from") return { name: "model", prefix: "", rest };
  if (instruction !== "parameter" && instruction !== "message") return { name: instruction, prefix: "", rest };
  rest = rest.trimStart();
  const argument = /^\S+/.exec(rest)?.[0] ?? "";
  rest = rest.slice(argument.length);
  if (argument === "") throw eof();
  if (instruction === "message" && !roles.includes(argument)) throw fault(`message role must be one of ${listed(roles)}`);
  if (instruction === "parameter" && !/^\w+$/.test(argument)) {
    throw fault(`parameter name ${JSON.stringify(argument)} may hold only letters, digits and _`);
  }
  if (rest.trim() === "") throw eof();
  return instruction === "message" ? { name: "message", prefix: `${argument}: `, rest } : { name: argument, prefix: "", rest };
}

/** The value that begins with `first` on line `at`, and the last line that belongs to it. */
function parseValue(first: string, lines: string[], at: number): { value: string; next: number } {
  const start = first.trimStart();
  const quote = start.startsWith('"""') ? '"""' : start.startsWith('"') ? '"' : "";
  if (quote === "") {
    const value = start.trimEnd();
    if (value === "") throw eof();
    return { value: printable(value), next: at };
  }
  const parts: string[] = [];
  for (let next = at; next < lines.length; next++) {
    const line: string = next === at ? start.slice(quote.length) : (lines[next] ?? "");
    const end = line.trimEnd();
    if (end.endsWith(quote)) {
      parts.push(end.slice(0, end.length - quote.length));
      return { value: printable(parts.join("\n")), next };
    }
    parts.push(line);
  }
  throw eof();
}

/** Control characters are dropped, as in Ollama; tabs are kept, because templates are indented with them. */
function printable(text: string): string {
  return text.replace(/(?![\n\t])\p{Cc}/gu, "");
}

function eof(): Invalid {
  return new Invalid("unexpected EOF");
}

/** One instruction as a line of a Modelfile; `parseModelfile` reads it back. */
export function formatCommand({ name, value }: Command): string {
  if (name === "model") return `FROM ${quoted(value)}`;
  if (name === "message") {
    const colon = value.indexOf(": ");
    return `MESSAGE ${value.slice(0, colon)} ${quoted(value.slice(colon + 2))}`;
  }
  const isParameter = !instructions.includes(name) || name === "parameter";
  return isParameter ? `PARAMETER ${name} ${quoted(value)}` : `${name.toUpperCase()} ${quoted(value)}`;
}

/** Bare where that can be read back, else in quotes: three when the value holds one itself. */
function quoted(value: string): string {
  const isBare = value !== "" && value === value.trim() && !value.includes("\n") && !value.startsWith('"');
  if (isBare) return value;
  return value.includes('"') ? `"""${value}"""` : `"${value}"`;
}
