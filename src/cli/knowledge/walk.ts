/** The files of a folder that a person means by it: hidden ones, ignored ones and those without text are left out. */
import { readdir, readFile, stat } from "node:fs/promises";
import path from "node:path";
import { Invalid, messageOf } from "../../errors.ts";
import { IGNORE_FILES, Ignores, isUnread } from "../../ignore.ts";

export interface Walked {
  /** Absolute, in the order of their names. */
  files: string[];
  /** Folders that could not be read. */
  unread: { folder: string; reason: string }[];
}

/** Links are not followed: they may lead anywhere, and in circles. Throws Invalid when the folder itself cannot be read. */
export async function walk(folder: string): Promise<Walked> {
  const root = path.resolve(folder);
  const walked: Walked = { files: [], unread: [] };
  const visit = async (names: readonly string[], outer: Ignores): Promise<void> => {
    const here = path.join(root, ...names);
    const entries = await readdir(here, { withFileTypes: true }).catch((error) => {
      const reason = messageOf(error);
      if (names.length === 0) throw new Invalid(`cannot read the folder ${here}: ${reason}`, { cause: error });
      walked.unread.push({ folder: here, reason });
      return [];
    });
    let ignores = outer;
    for (const name of IGNORE_FILES) {
      if (entries.some((entry) => entry.name === name && entry.isFile()))
        ignores = ignores.with(names, await readFile(path.join(here, name), "utf8").catch(() => ""));
    }
    for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
      const at = [...names, entry.name];
      if (entry.name.startsWith(".") || ignores.has(at, entry.isDirectory())) continue;
      if (entry.isDirectory()) await visit(at, ignores);
      else if (entry.isFile() && !isUnread(entry.name)) walked.files.push(path.join(root, ...at));
    }
  };
  await visit([], new Ignores());
  return walked;
}

/** Whether a path, or what it links to, is a folder. Throws Invalid when there is nothing. */
export async function isFolder(file: string): Promise<boolean> {
  try {
    return (await stat(file)).isDirectory();
  } catch (cause) {
    throw new Invalid(`there is no file or folder ${file}`, { cause });
  }
}
