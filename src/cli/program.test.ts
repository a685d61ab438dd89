import { CommanderError } from "commander";
import { expect, test } from "vitest";
import { createProgram } from "./program.ts";
import { normalizeWords, usageError } from "./words.ts";

async function refusal(...words: string[]): Promise<string | undefined> {
  const program = createProgram(() => {
    throw new Error("reached the command");
  });
  program.configureOutput({ writeOut: () => {}, writeErr: () => {} });
  for (const command of program.commands.flatMap((one) => [one, ...one.commands]))
    command.configureOutput({ writeOut: () => {}, writeErr: () => {}, outputError: () => {} });
  try {
    await program.parseAsync(normalizeWords(words), { from: "user" });
  } catch (error) {
    return error instanceof CommanderError ? usageError(error, words) : String(error);
  }
  return undefined;
}

test.each([
  [["frobnicate"], 'Invalid: unknown command "frobnicate" for "puna"'],
  [["frobnicate", "--x"], 'Invalid: unknown command "frobnicate" for "puna"'],
  [["pull"], "missing required argument 'model' (see 'puna pull --help')"],
  [["--nope"], "Invalid: unknown flag: --nope (see 'puna --help')"],
  [["list", "--nope"], "unknown flag: --nope (see 'puna list --help')"],
  [["show"], "missing required argument 'model' (see 'puna show --help')"],
  [["cp", "a"], "missing required argument 'destination' (see 'puna cp --help')"],
  [["stop", "a", "b"], "too many arguments for 'stop'. Expected 1 argument but got 2. (see 'puna stop --help')"],
  [["run", "m", "--truncate=perhaps"], 'Invalid: invalid value for --truncate: "perhaps" (must be true or false)'],
  [["ps"], "Error: reached the command"],
  [["kb", "frobnicate"], 'Invalid: unknown command "frobnicate" for "puna kb" (see \'puna kb --help\')'],
  [["kb", "--nope"], "Invalid: unknown flag: --nope (see 'puna kb --help')"],
  [["kb", "add", "notes"], "missing required argument 'files' (see 'puna kb add --help')"],
  [["kb", "list", "--nope"], "unknown flag: --nope (see 'puna kb list --help')"],
  [["kb", "ls"], "Error: reached the command"],
  [["kb", "add", "notes", "-"], "Error: reached the command"],
])("%j", async (words, text) => expect(await refusal(...words)).toBe(text));

test("help and no command are no errors", async () => {
  expect(await refusal()).toBeUndefined();
  expect(await refusal("--help")).toBeUndefined();
  expect(await refusal("run", "--help")).toBeUndefined();
  expect(await refusal("kb")).toBeUndefined();
  expect(await refusal("kb", "add", "--help")).toBeUndefined();
});

test("--think takes its level only behind an equals sign", () => {
  expect(normalizeWords(["run", "--think", "mini", "hi"])).toEqual(["run", "--think=true", "mini", "hi"]);
  expect(normalizeWords(["run", "--think=low", "mini"])).toEqual(["run", "--think=low", "mini"]);
});

test("switches may have a value", () => {
  expect(normalizeWords(["run", "m", "--verbose=true", "--nowordwrap=false", "--format=json"])).toEqual([
    "run",
    "m",
    "--verbose",
    "--format=json",
  ]);
  expect(() => normalizeWords(["run", "--verbose=maybe"])).toThrow("must be true or false");
});

test("what follows -- is left alone", () => {
  expect(normalizeWords(["run", "m", "--", "--think"])).toEqual(["run", "m", "--", "--think"]);
});

test("Ollama's flags before the command are those of the command", () => {
  expect(normalizeWords(["--verbose", "run", "m", "hi"])).toEqual(["run", "--verbose", "m", "hi"]);
  expect(normalizeWords(["--nowordwrap", "--verbose=false", "run", "m"])).toEqual(["run", "--nowordwrap", "m"]);
  expect(normalizeWords(["--verbose"])).toEqual([]);
});
