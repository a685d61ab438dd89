/** The words of a command line: put in the form that commander reads, and explained where it refuses them. */
import type { CommanderError } from "commander";
import { Invalid } from "../errors.ts";

const OPTIONAL_VALUE = ["--think", "--truncate"];
const SWITCHES = [
  "verbose",
  "nowordwrap",
  "hidethinking",
  "insecure",
  "license",
  "modelfile",
  "parameters",
  "template",
  "system",
];

/**
 * The words in the form that commander reads as Ollama's flags are meant: `--think` takes a value only behind `=`,
 * and a switch may be `--verbose=true`.
 */
export function normalizeWords(words: string[]): string[] {
  const end = words.indexOf("--");
  const flags = end < 0 ? words : words.slice(0, end);
  const normal = behindCommand(flags).flatMap((word) => {
    if (OPTIONAL_VALUE.includes(word)) return [`${word}=true`];
    const [, name = "", value = ""] = /^--([a-z]+)=(.*)$/.exec(word) ?? [];
    if (!SWITCHES.includes(name)) return [word];
    return booleanFlag(name, value) ? [`--${name}`] : [];
  });
  return [...normal, ...words.slice(flags.length)];
}

/** Ollama has these before the command as well, where they mean the same; without a command they mean nothing. */
function behindCommand(words: string[]): string[] {
  const verb = words.findIndex((word) => !/^--(?:verbose|nowordwrap)(?:=.*)?$/.test(word));
  return verb < 0 ? [] : [...words.slice(verb, verb + 1), ...words.slice(0, verb), ...words.slice(verb + 1)];
}

/** What to print for a command line that commander refuses; undefined when it only showed help. */
export function usageError(error: CommanderError, words: string[]): string | undefined {
  if (error.exitCode === 0) return undefined;
  const text = error.message.replace(/^error: /, "");
  const [first, second] = words.filter((word) => !word.startsWith("-"));
  const command = first === "kb" && second !== undefined ? `kb ${second}` : first;
  const option = /unknown option '([^']*)'/.exec(text)?.[1];
  const what = option === undefined ? text : `unknown flag: ${option}`;
  return `${what} (see 'puna ${command ? `${command} ` : ""}--help')`;
}

/** A switch that may have a value. Throws Invalid for one that is neither true nor false. */
export function booleanFlag(name: string, value: string | boolean | undefined): boolean | undefined {
  if (value === undefined || typeof value === "boolean") return value;
  if (value === "true" || value === "1") return true;
  if (value === "false" || value === "0") return false;
  throw new Invalid(`invalid value for --${name}: ${JSON.stringify(value)} (must be true or false)`);
}
