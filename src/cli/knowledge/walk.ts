/** The files of a folder that a person means by it: hidden ones and those that an ignore file names are left out. */
import { readdir, readFile, stat } from "node:fs/promises";
import path from "node:path";
import { Invalid, messageOf } from "../../errors.ts";
import { IGNORE_FILE, type Ignore, parseIgnore } from "../../ignore.ts";

export interface FoundFile {
  /** Absolute. */
  file: string;
  /** From the folder on, with slashes. */
  name: string;
}

interface Rules {
  ignore: Ignore;
  /** Where its file lies, from the root on; "" or with a slash at the end. */
  at: string;
}

/** In the order of their names. Links are not followed: they may lead anywhere, and in circles. Throws Invalid for a folder that cannot be read. */
export async function walk(folder: string): Promise<FoundFile[]> {
  const root = path.resolve(folder);
  const found: FoundFile[] = [];
  const visit = async (at: string, outer: readonly Rules[]): Promise<void> => {
    const here = path.join(root, at);
    const entries = await entriesOf(here);
    const own = entries.some((entry) => entry.name === IGNORE_FILE && entry.isFile())
      ? [{ ignore: parseIgnore(await readFile(path.join(here, IGNORE_FILE), "utf8")), at }]
      : [];
    const rules = [...outer, ...own];
    for (const entry of entries) {
      const name = at + entry.name;
      const kind = entry.isDirectory() ? "folder" : "file";
      if (entry.name.startsWith(".") || !(entry.isFile() || entry.isDirectory()) || isIgnored(name, kind, rules)) continue;
      if (kind === "folder") await visit(`${name}/`, rules);
      else found.push({ file: path.join(root, name), name });
    }
  };
  await visit("", []);
  return found;
}

/** The innermost file that says anything decides. */
function isIgnored(name: string, kind: "file" | "folder", rules: readonly Rules[]): boolean {
  for (const { ignore, at } of rules.toReversed()) {
    const said = ignore(name.slice(at.length), kind);
    if (said !== undefined) return said;
  }
  return false;
}

async function entriesOf(folder: string) {
  try {
    const entries = await readdir(folder, { withFileTypes: true });
    return entries.sort((a, b) => (a.name < b.name ? -1 : 1));
  } catch (cause) {
    throw new Invalid(`cannot read the folder ${folder}: ${messageOf(cause)}`, { cause });
  }
}

/** Whether a path, or what it links to, is a folder. Throws Invalid when there is nothing. */
export async function isFolder(file: string): Promise<boolean> {
  try {
    return (await stat(file)).isDirectory();
  } catch (cause) {
    throw new Invalid(`there is no file or folder ${file}`, { cause });
  }
}
