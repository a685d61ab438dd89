/** The completion script for zsh: a file `_puna` in `$fpath`, or read by `source`. */
import type { FlagWords, Source, VerbWords } from "./describe.ts";

/** `puna completion zsh` writes it. */
export function zshScript([own, ...verbs]: VerbWords[]): string {
  const described = verbs.flatMap(({ names, description }) =>
    names.map((name) => `    ${quoted(`${name}:${description.replaceAll(":", "\\:")}`)}\n`),
  );
  return `#compdef puna
# puna: completion for zsh. Load it with: source <(puna completion zsh)
_puna_models() {
  local -a names
  names=(\${(f)"$(puna __names models 2> /dev/null)"})
  compadd "$@" -a names
}
_puna_running() {
  local -a names
  names=(\${(f)"$(puna __names running 2> /dev/null)"})
  compadd "$@" -a names
}
_puna_commands() {
  local -a commands
  commands=(
${described.join("")}  )
  _describe command commands
}
_puna() {
  local curcontext="$curcontext" state line
  typeset -A opt_args
  _arguments -C ${(own?.flags ?? []).flatMap(flagSpecs).join(" ")} '1:command:_puna_commands' '*::argument:->argument'
  [[ $state == argument ]] || return
  case $words[1] in
${verbs.map(verbCase).join("")}  esac
}
if [[ $funcstack[1] == _puna ]]; then _puna "$@"; else compdef _puna puna; fi
`;
}

function verbCase({ names, flags, places, isVariadic }: VerbWords): string {
  const arguments_ = places.map((source, at) => {
    const number = isVariadic && at === places.length - 1 ? "*" : String(at + 1);
    return quoted(`${number}:argument:${action(source, names)}`);
  });
  return `    ${names.join(" | ")}) _arguments ${[...flags.flatMap(flagSpecs), ...arguments_].join(" ")} ;;\n`;
}

function flagSpecs({ names, description, value }: FlagWords): string[] {
  const told = `[${description.replace(/[[\]:\\]/g, "\\$&")}]`;
  return names.map((name) => {
    const others = names.length > 1 ? `(${names.join(" ")})` : "";
    return quoted(`${others}${name}${told}${value === undefined ? "" : `:value:${action(value, [])}`}`);
  });
}

function action(source: Source, names: string[]): string {
  if (source === "files") return "_files";
  if (typeof source === "string") return `_puna_${source}`;
  if (names[0] === "help") return "_puna_commands";
  return source.length > 0 ? `(${source.join(" ")})` : "";
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
