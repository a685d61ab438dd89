/** Bytes that were sent here and not read yet: files under PUNA_HOME, so that an import survives the process. */
import { createHash, randomBytes } from "node:crypto";
import { rmSync } from "node:fs";
import { type FileHandle, mkdir, open, readdir, rename, rm, stat } from "node:fs/promises";
import path from "node:path";
import { codeOf, PunaError } from "../../errors.ts";
import type { Database } from "../../store/db.ts";
import { PARSE_LIMITS } from "../parse/limits.ts";
import { isAlive } from "./alive.ts";

export interface Upload {
  /** In hex; `fileOf` gives the bytes back by it. */
  sha256: string;
  bytes: number;
}

/** What is that old and named by no item was left by a process that died. */
const ABANDONED_MS = 24 * 3600_000;
/** What failed may be tried again for so long. */
const RETRIED_MS = 7 * 24 * 3600_000;
const SHA256 = "json_extract(source, '$.sha256')";

export class Uploads {
  readonly #folder: string;
  readonly #database: Database;
  /** How many requests hold bytes whose items are not written yet. */
  readonly #held = new Map<string, number>();

  constructor(home: string, database: Database) {
    this.#folder = path.join(home, "knowledge", "uploads");
    this.#database = database;
  }

  /**
   * Writes bytes to disk as they come. They are held until `settle`, also when others forget the same bytes. `name` is for messages.
   * Throws PunaError: 413 for more than `most` bytes, 507 when the disk is full, and what the body throws.
   */
  async keep(body: AsyncIterable<Uint8Array>, name: string, most = PARSE_LIMITS.bytes): Promise<Upload> {
    await mkdir(this.#folder, { recursive: true, mode: 0o700 });
    const part = path.join(this.#folder, `${process.pid}.${randomBytes(8).toString("hex")}.part`);
    try {
      const upload = await writeTo(part, body, { name, most });
      this.#held.set(upload.sha256, (this.#held.get(upload.sha256) ?? 0) + 1);
      await rename(part, this.fileOf(upload.sha256));
      return upload;
    } catch (error) {
      await rm(part, { force: true });
      if (codeOf(error) === "ENOSPC")
        throw new PunaError(
          507,
          `${name} cannot be kept: the disk is full; make room, or set PUNA_HOME to a folder on another disk`,
        );
      throw error;
    }
  }

  /** The items that name these bytes are written, or never will be. */
  settle(uploads: readonly string[]): void {
    for (const sha256 of uploads) {
      const others = (this.#held.get(sha256) ?? 1) - 1;
      if (others > 0) this.#held.set(sha256, others);
      else this.#held.delete(sha256);
      this.release(sha256);
    }
  }

  fileOf(sha256: string): string {
    return path.join(this.#folder, path.basename(sha256));
  }

  /** Forgets bytes that no item waits for. One that failed or was canceled may be tried again for a week. */
  release(sha256: string): void {
    // Nothing may come between the look and the removal, so that nobody takes hold of them there.
    if (!this.#held.has(sha256) && !this.#isWanted(sha256)) rmSync(this.fileOf(sha256), { force: true });
  }

  /** Removes what a process left that died in the middle. */
  async sweep(): Promise<void> {
    for (const name of await readdir(this.#folder).catch(() => [])) {
      const file = path.join(this.#folder, name);
      if (name.endsWith(".part")) {
        if (!isAlive(Number.parseInt(name, 10))) await rm(file, { force: true });
      } else if (this.#isKnown(name) || Date.now() - (await changedAt(file)) > ABANDONED_MS) this.release(name);
    }
  }

  #isWanted(sha256: string): boolean {
    const sql = `SELECT 1 FROM kb_items i JOIN kb_jobs j ON j.id = i.job WHERE ${SHA256} = ?
      AND (i.state = 'waiting' OR (i.state IN ('failed', 'canceled') AND coalesce(j.finished_at, ?) >= ?)) LIMIT 1`;
    const now = Date.now();
    return this.#database.statement(sql).get(sha256, now, now - RETRIED_MS) !== undefined;
  }

  /** Whether an item named these bytes at any time: then nobody is about to. */
  #isKnown(sha256: string): boolean {
    return this.#database.statement(`SELECT 1 FROM kb_items WHERE ${SHA256} = ? LIMIT 1`).get(sha256) !== undefined;
  }
}

async function changedAt(file: string): Promise<number> {
  return (await stat(file).catch(() => ({ mtimeMs: Number.POSITIVE_INFINITY }))).mtimeMs;
}

async function writeTo(
  file: string,
  body: AsyncIterable<Uint8Array>,
  { name, most }: { name: string; most: number },
): Promise<Upload> {
  const handle: FileHandle = await open(file, "wx", 0o600);
  const hash = createHash("sha256");
  let bytes = 0;
  try {
    for await (const chunk of body) {
      bytes += chunk.length;
      if (bytes > most) throw tooLarge(name, most);
      hash.update(chunk);
      await handle.writeFile(chunk);
    }
    await handle.sync();
  } finally {
    await handle.close();
  }
  return { sha256: hash.digest("hex"), bytes };
}

/** 413 for a document that is not read to be refused then. */
export function tooLarge(name: string, most: number = PARSE_LIMITS.bytes): PunaError {
  return new PunaError(413, `${name} is too large: ${most >> 20} MB is the limit for one document; split it`, {
    code: "unreadable_too_large",
  });
}
