/** The completion script for zsh: a file `_puna` in `$fpath`, or read by `source`. */
import { type FlagWords, flattened, lastWord, type Source, type VerbWords } from "./describe.ts";

/** `puna completion zsh` writes it. */
export function zshScript(described: VerbWords[]): string {
  const groups = flattened(described).filter(({ verbs }) => verbs.length > 0);
  return `#compdef puna
# puna: completion for zsh. Load it with: source <(puna completion zsh)
${["models", "running", "bases"].map(namesFunction).join("")}${groups.map(groupFunctions).join("")}if [[ $funcstack[1] == _puna ]]; then _puna "$@"; else compdef _puna puna; fi
`;
}

function namesFunction(kind: string): string {
  return `_puna_${kind}() {
  local -a names
  names=(\${(f)"$(puna __names ${kind} 2> /dev/null)"})
  compadd "$@" -a names
}
`;
}

/** The words of the program, or of a group, and what each of them takes. */
function groupFunctions({ names, flags, verbs }: VerbWords): string {
  const own = functionOf(names);
  const words = verbs.flatMap((verb) =>
    ownWords(verb).map((word) => `    ${quoted(`${word}:${verb.description.replaceAll(":", "\\:")}`)}\n`),
  );
  return `${own}_commands() {
  local -a commands
  commands=(
${words.join("")}  )
  _describe command commands
}
${own}() {
  local curcontext="$curcontext" state line
  typeset -A opt_args
  _arguments -C ${flags.flatMap(flagSpecs).join(" ")} '1:command:${own}_commands' '*::argument:->argument'
  [[ $state == argument ]] || return
  case $words[1] in
${verbs.map((verb) => verbCase(verb, own)).join("")}  esac
}
`;
}

function functionOf(names: readonly string[]): string {
  return ["_puna", ...(names[0]?.split(" ") ?? [])].join("_");
}

function ownWords({ names }: VerbWords): string[] {
  return [...new Set(names.map(lastWord))];
}

function verbCase(verb: VerbWords, group: string): string {
  const { flags, places, isVariadic, verbs } = verb;
  const words = ownWords(verb);
  const pattern = `    ${words.join(" | ")})`;
  if (verbs.length > 0) return `${pattern} ${functionOf(verb.names)} ;;\n`;
  const arguments_ = places.map((source, at) => {
    const number = isVariadic && at === places.length - 1 ? "*" : String(at + 1);
    return quoted(`${number}:argument:${words[0] === "help" ? `${group}_commands` : action(source)}`);
  });
  return `${pattern} _arguments ${[...flags.flatMap(flagSpecs), ...arguments_].join(" ")} ;;\n`;
}

function flagSpecs({ names, description, value }: FlagWords): string[] {
  const told = `[${description.replace(/[[\]:\\]/g, "\\$&")}]`;
  return names.map((name) => {
    const others = names.length > 1 ? `(${names.join(" ")})` : "";
    return quoted(`${others}${name}${told}${value === undefined ? "" : `:value:${action(value)}`}`);
  });
}

function action(source: Source): string {
  if (source === "files") return "_files";
  if (typeof source === "string") return `_puna_${source}`;
  return source.length > 0 ? `(${source.join(" ")})` : "";
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
