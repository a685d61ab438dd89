/** What a shell needs to know of the commands to complete their words. Read from the program, so that no script can lag behind it. */
import type { Command, Option } from "commander";

/** Where the words for a place come from: the server, the folder, this list, or nowhere. */
export type Source = "models" | "running" | "files" | readonly string[];

export interface VerbWords {
  /** The name and its aliases. */
  names: string[];
  description: string;
  flags: FlagWords[];
  /** One source for each argument in its order. */
  places: Source[];
  /** Whether the last place goes on for ever. */
  isVariadic: boolean;
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
};
/** Where the name of an argument or flag says too little. */
const SPECIAL: Record<string, Source> = {
  "stop model": "running",
  "ps prefix": "running",
  "key action": ["create", "list", "revoke"],
  "key --scope": ["inference", "models", "registry", "admin"],
  "key --model": "models",
  "key --client": "files",
  "run --format": ["json"],
};

/** The commands in the order of the help, without hidden ones; the program itself first, under no name. */
export function describe(program: Command): VerbWords[] {
  const commands = program.createHelp().visibleCommands(program);
  const verbs = commands.map((command) => verbWords(command, [command.name(), ...command.aliases()]));
  const own = verbWords(program, []);
  return [{ ...own, places: [verbs.flatMap(({ names }) => names)] }, ...verbs.map((verb) => withVerbs(verb, verbs))];
}

function verbWords(command: Command, names: string[]): VerbWords {
  const of = command.name();
  const shown = command.createHelp().visibleOptions(command);
  return {
    names,
    description: command.description(),
    flags: shown.map((option) => flagWords(option, of)),
    places: command.registeredArguments.map((argument) => {
      return argument.argChoices ?? SPECIAL[`${of} ${argument.name()}`] ?? ARGUMENTS[argument.name()] ?? [];
    }),
    isVariadic: command.registeredArguments.at(-1)?.variadic ?? false,
  };
}

function flagWords({ long, short, description, flags, required }: Option, verb: string): FlagWords {
  const names = [long, short].filter((name) => name !== undefined && name !== null);
  const isPath = /<(?:path|file)>/.test(flags);
  return { names, description, value: required ? (SPECIAL[`${verb} ${long}`] ?? (isPath ? "files" : [])) : undefined };
}

/** `puna help` takes a command. */
function withVerbs(verb: VerbWords, verbs: VerbWords[]): VerbWords {
  return verb.names[0] === "help" ? { ...verb, places: [verbs.flatMap(({ names }) => names)] } : verb;
}
