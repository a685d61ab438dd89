/** Writing to the model store: whole files or none, and what to tell the user when the disk says no. */
import { randomBytes } from "node:crypto";
import { mkdir, open, rename, rm } from "node:fs/promises";
import path from "node:path";
import { codeOf, Failed } from "../errors.ts";

/** A name for a file that is not finished. It is no digest, so that a later prune removes what a crash left behind. */
export function temporaryName(stem: string): string {
  return `${stem}-partial-${process.pid}-${randomBytes(6).toString("hex")}`;
}

/** Writes, flushes, renames: afterwards the file holds all of `bytes`, or is as it was. */
export async function writeWhole(file: string, bytes: Uint8Array): Promise<void> {
  const folder = path.dirname(file);
  await mkdir(folder, { recursive: true });
  // Hidden: a reader that walks the folder meanwhile must not take it for a manifest.
  const temporary = path.join(folder, `.${temporaryName(path.basename(file))}`);
  try {
    const handle = await open(temporary, "wx", 0o644);
    try {
      await handle.writeFile(bytes);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(temporary, file);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
  await syncFolder(folder);
}

/** Makes a rename last. Some systems cannot flush a folder; the data itself is flushed already. */
export async function syncFolder(folder: string): Promise<void> {
  try {
    const handle = await open(folder, "r");
    try {
      await handle.sync();
    } finally {
      await handle.close();
    }
  } catch {}
}

const REASONS: Record<string, string> = {
  EACCES: "permission denied; make it writable for this user, or set OLLAMA_MODELS to a folder that is",
  EPERM: "permission denied; make it writable for this user, or set OLLAMA_MODELS to a folder that is",
  EROFS: "the file system is read-only; set OLLAMA_MODELS to a folder that is writable",
  ENOSPC: "the disk is full; remove models that are not needed, or set OLLAMA_MODELS to a folder on another disk",
  EDQUOT: "the disk quota is used up; remove models that are not needed",
  ENOTDIR: "a part of its path is a file, not a folder; set OLLAMA_MODELS to a folder",
  EEXIST: "a file is in the way of a folder; set OLLAMA_MODELS to a folder",
  EMFILE: "too many files are open; raise the limit of open files",
};

/** What to throw when writing to the store at `root` failed. Errors that are not the disk's pass through. */
export function storeError(error: unknown, root: string): unknown {
  const reason = REASONS[codeOf(error) ?? ""];
  return reason === undefined ? error : new Failed(`cannot write to the model store ${root}: ${reason}`, { cause: error });
}
