/** What is left out of a folder: what ignore files name, in the language of .gitignore, and what has no text. */
import { matchesPath } from "./glob.ts";

/** Read in every folder, in this order: the later one has the last word. */
export const IGNORE_FILES = [".gitignore", ".punaignore"];

/** Nothing that has text to read; one that is added by name is still told so. */
const UNREAD =
  /\.(?:png|jpe?g|gif|webp|avif|heic|ico|bmp|tiff?|svgz|psd|mp[34]|m4[av]|webm|og[gv]|wav|flac|avi|mov|mkv|zip|t?gz|bz2|xz|zst|7z|rar|tar|iso|dmg|exe|msi|dll|so|dylib|o|a|class|pyc|jar|wasm|whl|gguf|safetensors|bin|db|sqlite|woff2?|ttf|otf|part|tmp|swp)$/i;

interface Rule {
  pattern: string[];
  isNegated: boolean;
  forFolders: boolean;
}

interface Layer {
  /** Names from the root to the folder of the file. */
  folder: readonly string[];
  rules: readonly Rule[];
}

/** The rules that hold in a folder: its own and those of all above it. */
export class Ignores {
  readonly #layers: readonly Layer[];

  constructor(layers: readonly Layer[] = []) {
    this.#layers = layers;
  }

  with(folder: readonly string[], text: string): Ignores {
    return new Ignores([...this.#layers, { folder, rules: parse(text) }]);
  }

  /** `path` are the names from the root. What is below an ignored folder need not be asked for. */
  has(path: readonly string[], isFolder: boolean): boolean {
    let isIgnored = false;
    for (const { folder, rules } of this.#layers) {
      const within = path.slice(folder.length);
      for (const { pattern, isNegated, forFolders } of rules) {
        if (isIgnored === isNegated && (isFolder || !forFolders) && matchesPath(pattern, within)) isIgnored = !isNegated;
      }
    }
    return isIgnored;
  }
}

function parse(text: string): Rule[] {
  return text
    .replace(/^\uFEFF/, "")
    .split(/\r?\n/)
    .flatMap((line) => parseLine(line) ?? []);
}

function parseLine(line: string): Rule | undefined {
  // A space at the end counts only behind a backslash.
  const trimmed = line.replace(/(?<!\\)[ \t]+$/, "");
  if (trimmed === "" || trimmed.startsWith("#")) return undefined;
  const isNegated = trimmed.startsWith("!");
  const body = isNegated ? trimmed.slice(1) : trimmed;
  const forFolders = body.endsWith("/");
  const names = body.replace(/\/+$/, "").split("/");
  // A slash before the end ties the pattern to the folder of its file; without one it holds at any depth.
  const pattern = names.length === 1 ? ["**", ...names] : names[0] === "" ? names.slice(1) : names;
  if (pattern.length === 0 || pattern.at(-1) === "") return undefined;
  // What is in a folder is not the folder.
  if (pattern.at(-1) === "**") pattern.push("*");
  return { pattern, isNegated, forFolders };
}

/** Whether a name promises nothing that has text. */
export function isUnread(name: string): boolean {
  return UNREAD.test(name) || name.endsWith("~");
}
