/** Which files of a folder are left out, by an ignore file in the syntax of `.gitignore` (gitignore(5)). */

/** What it is called. One may lie in every folder; it speaks for what is below. */
export const IGNORE_FILE = ".punaignore";

/** `undefined` where the file says nothing of that path. Paths are relative to the ignore file's folder, with slashes. */
export type Ignore = (path: string, kind: "file" | "folder") => boolean | undefined;

/** A segment of a path, or any number of them. */
type Segment = RegExp | "**";

interface Rule {
  segments: Segment[];
  isTakenBack: boolean;
  isForFolders: boolean;
}

/** The last rule that matches decides. What lies in an ignored folder is not asked about: nobody looks into it. */
export function parseIgnore(text: string): Ignore {
  const rules = text
    .replace(/^\ufeff/, "")
    .split(/\r?\n/)
    .flatMap(parseRule)
    .reverse();
  return (path, kind) => {
    const names = path.split("/");
    const rule = rules.find(({ segments, isForFolders }) => (kind === "folder" || !isForFolders) && fits(segments, names));
    return rule && !rule.isTakenBack;
  };
}

function parseRule(line: string): Rule[] {
  // Trailing blanks count only behind a backslash.
  const text = line.replace(/(?<!\\)\s+$/, "");
  if (text === "" || text.startsWith("#")) return [];
  const isTakenBack = text.startsWith("!");
  const glob = isTakenBack ? text.slice(1) : text;
  const isForFolders = glob.endsWith("/");
  const bare = glob.replace(/\/$/, "");
  if (bare === "") return [];
  // A slash at the beginning or inside ties a pattern to this folder; without one it fits at any depth.
  const parts = [...(bare.includes("/") ? [] : ["**"]), ...bare.replace(/^\//, "").split("/")];
  try {
    return [{ segments: parts.map((part) => (part === "**" ? part : segment(part))), isTakenBack, isForFolders }];
  } catch {
    // A range such as [z-a] fits nothing.
    return [];
  }
}

/** Every pair of rests is looked at once: no pattern is slow. */
function fits(segments: readonly Segment[], names: readonly string[]): boolean {
  const failed = new Set<number>();
  const from = (i: number, j: number): boolean => {
    const first = segments[i];
    if (first === undefined) return j === names.length;
    const key = i * (names.length + 1) + j;
    if (failed.has(key)) return false;
    const rest = j < names.length;
    // At the end it stands for everything inside, not for the folder itself.
    const isFitting =
      first === "**"
        ? (i + 1 < segments.length ? from(i + 1, j) : rest) || (rest && from(i, j + 1))
        : rest && first.test(names[j] ?? "") && from(i + 1, j + 1);
    if (!isFitting) failed.add(key);
    return isFitting;
  };
  return from(0, 0);
}

const PARTS = /\\(.)|\*+|\?|\[([!^]?)((?:\\.|[^\]\\])+)\]|[\s\S]/gu;

/** Between two stars the first place that fits is as good as any: the lookahead keeps the search from coming back to it. */
function segment(glob: string): RegExp {
  const [head = "", ...others] = translate(glob);
  const last = others.pop();
  const between = others.map((part, i) => `(?=([\\s\\S]*?${part}))\\${i + 1}`);
  return new RegExp(`^${head}${between.join("")}${last === undefined ? "" : `[\\s\\S]*${last}`}$`, "u");
}

/** What stands before, between and behind the stars, as sources of regular expressions. */
function translate(glob: string): string[] {
  const parts = [""];
  for (const [part, escaped, not, set] of glob.matchAll(PARTS)) {
    if (escaped === undefined && part.startsWith("*")) parts.push("");
    else parts.push(`${parts.pop()}${sourceOf(part, { escaped, not, set })}`);
  }
  return parts;
}

function sourceOf(part: string, { escaped, not, set }: Record<"escaped" | "not" | "set", string | undefined>): string {
  if (escaped !== undefined) return literal(escaped);
  if (part === "?") return "[\\s\\S]";
  return set === undefined ? literal(part) : `[${not ? "^" : ""}${set.replace(/\\?([\s\S])/gu, member)}]`;
}

function literal(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/]/gu, "\\$&");
}

/** Of a set, where a minus makes a range unless it is escaped. */
function member(part: string, character: string): string {
  return /[\\\]^[]/.test(character) || part === "\\-" ? `\\${character}` : character;
}
