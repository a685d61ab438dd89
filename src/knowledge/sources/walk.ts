/** The files of a folder that a reader would want: not hidden, not ignored, not outside. */
import { readdir, readFile, realpath, stat } from "node:fs/promises";
import path from "node:path";
import { codeOf, Invalid } from "../../errors.ts";
import { IGNORE_FILES, Ignores, isUnread } from "../../ignore.ts";

export interface WalkedFile {
  path: string;
  size: number;
  /** In microseconds since 1970: of the content, and of the entry itself. */
  modified: number;
  changed: number;
}

export interface Walked {
  files: WalkedFile[];
  folders: string[];
  /** Folders that could not be read: nothing is known of what is in them. */
  unread: { path: string; reason: string }[];
}

const MOST_FILES = 200_000;
const MOST_DEPTH = 64;

/** Throws Invalid when the folder itself cannot be read. */
export async function walk(root: string, signal?: AbortSignal): Promise<Walked> {
  const real = await realpath(root);
  const walked: Walked = { files: [], folders: [], unread: [] };
  let waiting = [{ names: [] as string[], ignores: new Ignores() }];
  while (waiting.length > 0) {
    signal?.throwIfAborted();
    const next: typeof waiting = [];
    // A few folders at once: the time goes into waiting.
    for (const few of inGroups(waiting, 8)) {
      next.push(...(await Promise.all(few.map((folder) => readFolder(root, real, folder, walked)))).flat());
    }
    if (walked.files.length > MOST_FILES) {
      throw new Invalid(
        `${root} holds more than ${MOST_FILES.toLocaleString("en")} files: take a folder in it, or leave some out with .punaignore`,
      );
    }
    waiting = next;
  }
  return walked;
}

/** Whether a path, links followed, is still in the folder. */
export async function isWithin(root: string, file: string): Promise<boolean> {
  const [realRoot, realFile] = await Promise.all([realpath(root), realpath(file)]);
  return realFile.startsWith(realRoot.endsWith(path.sep) ? realRoot : realRoot + path.sep);
}

async function readFolder(
  root: string,
  real: string,
  { names, ignores }: { names: string[]; ignores: Ignores },
  walked: Walked,
): Promise<{ names: string[]; ignores: Ignores }[]> {
  const folder = path.join(root, ...names);
  let entries: Awaited<ReturnType<typeof list>>;
  try {
    entries = await list(folder);
  } catch (error) {
    if (names.length === 0) throw error;
    // One that was removed meanwhile holds nothing.
    if (codeOf(error) !== "ENOENT")
      walked.unread.push({ path: folder, reason: codeOf(error) === "EACCES" ? "permission denied" : String(error) });
    return [];
  }
  walked.folders.push(folder);
  let all = ignores;
  for (const name of IGNORE_FILES) {
    if (entries.some((entry) => entry.name === name && entry.isFile())) {
      all = all.with(names, await readFile(path.join(folder, name), "utf8").catch(() => ""));
    }
  }
  const wanted = entries.filter((entry) => !entry.name.startsWith(".") && !all.has([...names, entry.name], entry.isDirectory()));
  const files = wanted.filter((entry) => !entry.isDirectory() && !isUnread(entry.name));
  for (const few of inGroups(files, 32)) {
    const found = await Promise.all(few.map((entry) => look(path.join(folder, entry.name), entry.isSymbolicLink(), real)));
    walked.files.push(...found.flatMap((file) => file ?? []));
  }
  if (names.length >= MOST_DEPTH) return [];
  return wanted.filter((entry) => entry.isDirectory()).map((entry) => ({ names: [...names, entry.name], ignores: all }));
}

async function list(folder: string) {
  return await readdir(folder, { withFileTypes: true });
}

/** Undefined for what is no file, is not there any more, or lies outside. */
async function look(file: string, isLink: boolean, root: string): Promise<WalkedFile | undefined> {
  try {
    if (isLink && !(await isWithin(root, file))) return undefined;
    const found = await stat(file);
    if (!found.isFile()) return undefined;
    return {
      path: file,
      size: found.size,
      modified: Math.round(found.mtimeMs * 1000),
      changed: Math.round(found.ctimeMs * 1000),
    };
  } catch {
    return undefined;
  }
}

function* inGroups<T>(all: readonly T[], size: number): Generator<T[]> {
  for (let at = 0; at < all.length; at += size) yield all.slice(at, at + size);
}
