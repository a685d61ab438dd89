/** How common languages name things at the beginning of a line. Rules for reading, not for compiling: a miss costs a boundary, no text. */

export interface Language {
  /** The first group that matched is the name. */
  declares: RegExp[];
  /** Methods, which only count inside a symbol. */
  member?: RegExp;
  /** Lines above a declaration that belong to it. */
  above: RegExp;
  /** Lines at the outermost indent that still belong to the symbol. */
  closes: RegExp;
  /** A symbol reaches to the next one, however its lines are indented. */
  untilNext?: boolean;
}

const SLASHES = /^\s*(?:\/\/|\/\*|\*|@\w|#\[|\[)/;
const HASHES = /^\s*(?:#|@\w)/;
const BRACES = /^[)\]}{]/;
const MODIFIERS =
  "(?:(?:export|default|public|private|protected|internal|static|final|abstract|async|sealed|override|virtual|open|inline|data|partial|unsafe|extern|pub(?:\\([^)]*\\))?|const|declare)\\s+)*";
const METHOD = new RegExp(
  `^${MODIFIERS}(?:[\\w<>\\[\\],.?*&:]+\\s+)*(?:get\\s+|set\\s+|\\*\\s*)?([\\w$#~]+)\\s*(?:<[^>]*>)?\\([^;]*(?:\\{|=>|,|\\()?\\s*$`,
);

const scripts: Language = {
  declares: [
    new RegExp(`^${MODIFIERS}(?:function\\*?|class|interface|type|enum|namespace|module)\\s+([\\w$]+)`),
    /^(?:export\s+)?(?:const|let|var)\s+([\w$]+)\s*(?::[^=]+)?=\s*(?:async\s*)?(?:\([^)]*$|(?:\([^)]*\)|[\w$]+)\s*(?::[^=]+)?=>|function\b)/,
    /^(?:describe|it|test)\(["'`]?([^"'`,=]{1,80})/,
  ],
  member: METHOD,
  above: SLASHES,
  closes: BRACES,
};
const python: Language = {
  declares: [/^(?:async\s+)?def\s+(\w+)/, /^class\s+(\w+)/],
  above: HASHES,
  closes: /^[)\]}]/,
};
const cFamily: Language = {
  declares: [
    /^(?:typedef\s+)?(?:class|struct|union|enum|namespace|interface|record|trait|object|protocol|extension)\s+(?:class\s+)?(\w+)[^;]*$/,
    new RegExp(
      `^${MODIFIERS}(?:class|interface|enum|record|struct|trait|object|fun|func|protocol|extension|namespace)\\s+([\\w.]+)`,
    ),
    /^#define\s+(\w+)\(/,
    /^(?!return|else|if|for|while|switch|using|import|package)[A-Za-z_][\w:<>,*&\s[\]]*?[\s*&]([\w:~]+)\s*\([^;]*$/,
  ],
  member: METHOD,
  above: SLASHES,
  closes: BRACES,
};
const go: Language = {
  declares: [/^func\s+(?:\([^)]*\)\s*)?(\w+)/, /^type\s+(\w+)/],
  above: SLASHES,
  closes: BRACES,
};
const rust: Language = {
  declares: [
    new RegExp(`^${MODIFIERS}(?:fn|struct|enum|trait|union|mod|macro_rules!)\\s+(\\w+)`),
    /^(?:unsafe\s+)?impl(?:<[^>]*>)?\s+(?:[\w:<>, &']+\s+for\s+)?([\w:]+)/,
  ],
  above: SLASHES,
  closes: BRACES,
};
const ruby: Language = {
  declares: [/^(?:def|class|module)\s+([\w.:?!]+)/],
  above: HASHES,
  closes: /^end\b/,
};
const shell: Language = {
  declares: [/^(?:function\s+)?([\w-]+)\s*\(\)/, /^function\s+([\w:.-]+)/],
  above: /^\s*#/,
  closes: /^[)}]/,
};
const sql: Language = {
  declares: [
    /^create\s+(?:or\s+replace\s+)?(?:temp(?:orary)?\s+)?(?:unique\s+)?(?:table|view|index|function|procedure|trigger|type)\s+(?:if\s+not\s+exists\s+)?["`[]?([\w.]+)/i,
  ],
  above: /^\s*--/,
  closes: /^\)/,
  untilNext: true,
};
const lua: Language = {
  declares: [/^(?:local\s+)?function\s+([\w.:]+)/],
  above: /^\s*--/,
  closes: /^end\b/,
};
const php: Language = {
  declares: [/^(?:abstract\s+|final\s+)*(?:class|interface|trait|enum|function)\s+(\w+)/],
  member: /^(?:(?:public|private|protected|static|abstract|final)\s+)*function\s+(\w+)/,
  above: SLASHES,
  closes: BRACES,
};
const r: Language = { declares: [/^([\w.]+)\s*(?:<-|=)\s*function\b/], above: /^\s*#/, closes: BRACES };
const sections: Language = { declares: [/^\[+([^\]]+)\]+\s*$/], above: /^\s*[#;]/, closes: /^$/, untilNext: true };
const keys: Language = { declares: [/^(["'\w.-]+):(?:\s|$)/], above: /^\s*#/, closes: /^[-\]}]/ };
const styles: Language = { declares: [/^([^\s{}/@][^{}]{0,80})\{/, /^(@[\w-]+[^{;]{0,80})\{/], above: SLASHES, closes: BRACES };
const plain: Language = { declares: [], above: /^$/, closes: /^$/ };

const BY_EXTENSION: [string, Language][] = [
  ["ts tsx mts cts js jsx mjs cjs vue svelte", scripts],
  ["py pyi pyx", python],
  ["c h cc cpp cxx hh hpp hxx cu m mm java cs kt kts scala swift dart groovy", cFamily],
  ["go", go],
  ["rs", rust],
  ["rb rake ex exs", ruby],
  ["sh bash zsh fish", shell],
  ["sql", sql],
  ["lua", lua],
  ["php", php],
  ["r jl", r],
  ["toml ini cfg conf properties", sections],
  ["yaml yml", keys],
  ["css scss less", styles],
  ["pl pm hs ml clj erl vb ps1 bat tex bib cmake gradle proto graphql tf dockerfile makefile diff patch log asm s", plain],
];
const LANGUAGES = new Map(BY_EXTENSION.flatMap(([names, language]) => names.split(" ").map((name) => [name, language])));

/** By the extension, without its dot and in lower case. */
export function languageOf(extension: string): Language | undefined {
  return LANGUAGES.get(extension);
}
