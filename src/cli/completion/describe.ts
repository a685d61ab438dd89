/** What a shell needs to know of the commands to complete their words. Read from the program, so that no script can lag behind it. */
import type { Command, Option } from "commander";

/** Where the words for a place come from: the server, the folder, this list, or nowhere. */
export type Source = "models" | "running" | "bases" | "files" | readonly string[];

export interface VerbWords {
  /** The name and its aliases; of a command in a group each with the group before it, as `kb list`. */
  names: string[];
  description: string;
  flags: FlagWords[];
  /** One source for each argument in its order. */
  places: Source[];
  /** Whether the last place goes on for ever. */
  isVariadic: boolean;
  /** Its own commands, where it is a group of them. */
  verbs: VerbWords[];
}

export interface FlagWords {
  /** `--file`, and `-f` where there is one. */
  names: string[];
  description: string;
  /** Where its value comes from; undefined when it takes none, or only behind `=`. */
  value: Source | undefined;
}

const ARGUMENTS: Record<string, Source> = {
  model: "models",
  models: "models",
  source: "models",
  destination: "models",
  prefix: "models",
  file: "files",
  files: "files",
  base: "bases",
  bases: "bases",
};
/** Where the name of an argument or flag says too little. */
const SPECIAL: Record<string, Source> = {
  "stop model": "running",
  "ps prefix": "running",
  "key action": ["create", "list", "revoke"],
  "key --scope": ["inference", "models", "knowledge", "registry", "admin"],
  "key --model": "models",
  "key --client": "files",
  "run --format": ["json"],
  "kb index action": ["list", "build", "live", "rollback", "drop", "reset"],
};

/** The commands in the order of the help, without hidden ones; the program itself first, under no name. */
export function describe(program: Command): VerbWords[] {
  const own = groupWords(program, []);
  return [own, ...own.verbs];
}

/** The same commands and groups, and behind each group its own commands. */
export function flattened(verbs: readonly VerbWords[]): VerbWords[] {
  return verbs.flatMap((verb) => (verb.names.length === 0 ? [verb] : [verb, ...flattened(verb.verbs)]));
}

function groupWords(group: Command, before: string[]): VerbWords {
  const names = before.length > 0 ? before : [""];
  const commands = group.createHelp().visibleCommands(group);
  const verbs = commands.map((command) => {
    const own = [command.name(), ...command.aliases()];
    const full = names.flatMap((name) => own.map((word) => `${name} ${word}`.trim()));
    return command.commands.length > 0 ? groupWords(command, full) : verbWords(command, full);
  });
  const words = verbs.flatMap((verb) => verb.names.map(lastWord));
  const own = verbWords(group, before);
  return { ...own, places: [words], verbs: verbs.map((verb) => (isHelp(verb) ? { ...verb, places: [words] } : verb)) };
}

/** Of `kb list`, the word that is typed last. */
export function lastWord(name: string): string {
  return name.split(" ").at(-1) ?? name;
}

/** `puna help` takes a command. */
function isHelp({ names }: VerbWords): boolean {
  return names.some((name) => lastWord(name) === "help");
}

function verbWords(command: Command, names: string[]): VerbWords {
  const of = names[0] ?? "";
  const shown = command.createHelp().visibleOptions(command);
  return {
    names,
    description: command.description(),
    flags: shown.map((option) => flagWords(option, of)),
    places: command.registeredArguments.map((argument) => {
      return argument.argChoices ?? SPECIAL[`${of} ${argument.name()}`] ?? ARGUMENTS[argument.name()] ?? [];
    }),
    isVariadic: command.registeredArguments.at(-1)?.variadic ?? false,
    verbs: [],
  };
}

function flagWords({ long, short, description, flags, required, argChoices }: Option, verb: string): FlagWords {
  const names = [long, short].filter((name) => name !== undefined && name !== null);
  const taken = /<(\w+)>/.exec(flags)?.[1] ?? "";
  const usual = taken === "model" ? "models" : taken === "path" || taken === "file" ? "files" : [];
  return { names, description, value: required ? (SPECIAL[`${verb} ${long}`] ?? argChoices ?? usual) : undefined };
}
