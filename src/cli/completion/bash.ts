/** The completion script for bash, 3.2 and later. */
import { flattened, type Source, type VerbWords } from "./describe.ts";

/** `puna completion bash` writes it; `source` reads it. */
export function bashScript(described: VerbWords[]): string {
  const verbs = flattened(described);
  const groups = verbs.filter((verb) => verb.names.length > 0 && verb.verbs.length > 0).flatMap(({ names }) => names);
  return `# puna: completion for bash. Load it with: source <(puna completion bash)
_puna() {
  local line="\${COMP_LINE:0:COMP_POINT}" current verb="" flags="" valued="" repeats="" value="" word found="" kind="" place=0
  local -a words places
  COMPREPLY=()
  # By hand: bash would end a word at the colon of a model's name.
  current="\${line##*[[:space:]]}"
  read -ra words <<< "\${line%"$current"}"
  words=("\${words[@]:1}")
  while [[ \${#words[@]} -gt 0 && ( -z $verb || " ${groups.join(" ")} " == *" $verb "* ) ]]; do
    [[ \${words[0]} == -* ]] || verb="\${verb:+$verb }\${words[0]}"
    words=("\${words[@]:1}")
  done
  case "$verb" in
${verbs.map(verbCase).join("")}    *) return ;;
  esac
  for word in "\${words[@]}"; do
    if [[ -n $value ]]; then
      value=""
    elif [[ " $valued " == *" $word "* ]]; then
      value="$word"
    elif [[ $word != -* ]]; then
      place=$((place + 1))
    fi
  done
  if [[ -n $value ]]; then
    case "$verb $value" in
${verbs.flatMap(valueCases).join("")}    esac
  elif [[ $current == -* ]]; then
    found="$flags"
  else
    [[ -n $repeats && $place -ge \${#places[@]} ]] && place=$((\${#places[@]} - 1))
    kind="\${places[place]}"
  fi
  case "$kind" in
    @models | @running | @bases) found="$(puna __names "\${kind#@}" 2> /dev/null)" ;;
    @files)
      compopt -o filenames 2> /dev/null
      while IFS= read -r word; do COMPREPLY+=("$word"); done < <(compgen -f -- "$current")
      return
      ;;
    ?*) found="$kind" ;;
  esac
  local begun="\${current%"\${current##*[:=]}"}"
  for word in $found; do
    [[ $word == "$current"* ]] && COMPREPLY+=("\${word#"$begun"}")
  done
}
complete -F _puna puna
`;
}

function verbCase({ names, flags, places, isVariadic }: VerbWords): string {
  const valued = flags.filter(({ value }) => value !== undefined).flatMap((flag) => flag.names);
  const parts = [
    `flags="${flags.flatMap((flag) => flag.names).join(" ")}"`,
    valued.length > 0 ? ` valued="${valued.join(" ")}"` : "",
    places.length > 0 ? ` places=(${places.map((source) => `"${kindOf(source)}"`).join(" ")})` : "",
    isVariadic ? " repeats=1" : "",
  ];
  return `    ${names.length > 0 ? names.map((name) => `"${name}"`).join(" | ") : '""'}) ${parts.join("")} ;;\n`;
}

function valueCases({ names, flags }: VerbWords): string[] {
  return flags.flatMap(({ names: words, value }) => {
    if (value === undefined || kindOf(value) === "") return [];
    const patterns = names.flatMap((name) => words.map((word) => `"${name} ${word}"`));
    return [`      ${patterns.join(" | ")}) kind="${kindOf(value)}" ;;\n`];
  });
}

function kindOf(source: Source): string {
  return typeof source === "string" ? `@${source}` : source.join(" ");
}
