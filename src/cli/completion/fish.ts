/** The completion script for fish. */
import { type FlagWords, flattened, lastWord, type Source, type VerbWords } from "./describe.ts";

/** `puna completion fish` writes it; it goes to `~/.config/fish/completions/puna.fish`. */
export function fishScript([own, ...verbs]: VerbWords[]): string {
  const all = flattened(verbs);
  const groups = all.filter((verb) => verb.verbs.length > 0);
  const lines = [
    ...(own?.flags ?? []).map((flag) => flagLine(flag, "__puna_at ''")),
    ...commandLines("", verbs),
    ...groups.flatMap((group) => group.names.flatMap((name) => commandLines(name, group.verbs))),
    ...all.flatMap((verb) => verb.names.flatMap((name) => verbLines(name, verb))),
  ];
  return `# puna: completion for fish. Keep it as ~/.config/fish/completions/puna.fish
function __puna_names
    puna __names $argv[1] 2>/dev/null
end
# Whether the command is argv[1] and, where given, the place to complete argv[2]; flags that take a value follow.
function __puna_at
    set -l verb ''
    set -l place 0
    set -l value 0
    for word in (commandline -poc)[2..]
        if test $value = 1
            set value 0
        else if string match -q -- '-*' $word
            contains -- $word $argv[3..]; and set value 1
        else if test -z "$verb"
            set verb $word
        else if contains -- "$verb" ${groups.flatMap(({ names }) => names).join(" ")}
            set verb "$verb $word"
        else
            set place (math $place + 1)
        end
    end
    test "$verb" = "$argv[1]"; or return 1
    test $value = 0; or return 1
    switch "$argv[2]"
        case ''
        case '*+'
            test $place -ge (string trim -c + -- $argv[2])
        case '*'
            test $place -eq $argv[2]
    end
end
complete -c puna -f
${lines.join("\n")}
`;
}

/** The commands of the program, or of a group. */
function commandLines(group: string, verbs: readonly VerbWords[]): string[] {
  return verbs.flatMap(({ names, description }) => {
    const own = new Set(names.filter((name) => name === `${group} ${lastWord(name)}`.trim()).map(lastWord));
    return [...own].map((word) => `complete -c puna -n "__puna_at '${group}'" -a ${word} -d ${quoted(description)}`);
  });
}

function verbLines(name: string, { flags, places, isVariadic, verbs }: VerbWords): string[] {
  const valued = flags.filter(({ value }) => value !== undefined).flatMap((flag) => flag.names);
  const placed = (verbs.length > 0 ? [] : places).flatMap((source, at) => {
    const words = wordsOf(source);
    if (words === "") return [];
    const place = `${at}${isVariadic && at === places.length - 1 ? "+" : ""}`;
    const files = source === "files" ? "-F" : `-a ${quoted(words)}`;
    return [`complete -c puna -n "__puna_at ${[`'${name}'`, place, ...valued].join(" ")}" ${files}`];
  });
  return [...flags.map((flag) => flagLine(flag, `__puna_at '${name}'`)), ...placed];
}

function flagLine({ names, description, value }: FlagWords, when: string): string {
  const flags = names.map((name) => (name.startsWith("--") ? `-l ${name.slice(2)}` : `-s ${name.slice(1)}`)).join(" ");
  const words = value === undefined ? "" : wordsOf(value);
  const takes = value === undefined ? "" : value === "files" ? " -r -F" : ` -x${words === "" ? "" : ` -a ${quoted(words)}`}`;
  return `complete -c puna -n "${when}" ${flags}${takes} -d ${quoted(description)}`;
}

function wordsOf(source: Source): string {
  if (source === "files") return "files";
  return typeof source === "string" ? `(__puna_names ${source})` : source.join(" ");
}

function quoted(text: string): string {
  return `'${text.replace(/['\\]/g, "\\$&")}'`;
}
