/** A look at a folder: what has another size or date is read, and what has other bytes is imported. */
import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import path from "node:path";
import { codeOf, Invalid, messageOf, NotFound } from "../../errors.ts";
import type { Before, Look, Sighting } from "./sighting.ts";
import { type WalkedFile, walk } from "./walk.ts";

interface Stamp {
  size: number;
  modified: number;
  changed: number;
  /** When it was looked at, in microseconds. */
  at: number;
}

/** File systems tell times in steps of up to two seconds: a file that changed just before it was read may have changed again unseen. */
const STEP = 2_000_000;

/** `calm` remembers, from one look to the next, which of those young files were read a second time. */
export async function* lookAtFolder(root: string, before: Before, calm: Map<string, string>): Look {
  await checkFolder(root);
  const { files, folders, unread } = await walk(root, before.signal);
  for (const file of files) {
    before.signal.throwIfAborted();
    yield await sight(root, file, before, calm);
  }
  for (const { path: place, reason } of unread)
    yield { kind: "failed", place, reason: `cannot be read: ${reason}`, code: "permission_denied" };
  const hidden = unread.map((folder) => folder.path + path.sep);
  return { isGone: (place) => !hidden.some((folder) => place.startsWith(folder)), folders };
}

async function sight(root: string, file: WalkedFile, before: Before, calm: Map<string, string>): Promise<Sighting> {
  const { path: place, size, modified, changed } = file;
  const stamp: Stamp = { size, modified, changed, at: Date.now() * 1000 };
  const find = { place, stamp: { ...stamp } };
  const item = { kind: "folder-file", path: place, root };
  const known = before.finds.get(place) as Stamp | undefined;
  if (!known || before.again.has(place)) return { kind: "import", change: known ? "changed" : "added", find, item };
  const isSame = known.size === size && known.modified === modified && known.changed === changed;
  const key = `${size} ${modified} ${changed}`;
  if (isSame && (known.at - Math.max(modified, changed) > STEP || calm.get(place) === key)) return { kind: "unchanged", place };
  const hash = known.size === size ? await hashOf(place).catch(() => undefined) : undefined;
  if (hash === undefined || hash !== before.hashOf(place)) {
    // One that could not be read has no document to compare with: its bytes decide no more than its date does.
    if (isSame && before.hashOf(place) === undefined) return { kind: "unchanged", place };
    return { kind: "import", change: "changed", find, item };
  }
  calm.set(place, key);
  return isSame ? { kind: "unchanged", place } : { kind: "unchanged", place, find };
}

async function checkFolder(root: string): Promise<void> {
  try {
    if ((await stat(root)).isDirectory()) return;
  } catch (error) {
    const code = codeOf(error);
    if (code === "ENOENT" || code === "ENOTDIR") {
      throw new NotFound(`the folder ${root} is not there; what was read of it stays`, {
        cause: error,
        code: "folder_not_found",
      });
    }
    throw new Invalid(`the folder ${root} cannot be read: ${messageOf(error)}`, { cause: error, code: "permission_denied" });
  }
  throw new Invalid(`${root} is no folder`, { code: "not_a_folder" });
}

async function hashOf(file: string): Promise<string> {
  const hash = createHash("sha256");
  for await (const piece of createReadStream(file)) hash.update(piece as Buffer);
  return hash.digest("hex");
}
