/** Bytes that were sent here and not read yet: files under PUNA_HOME, so that an import survives the process. */
import { createHash, randomBytes } from "node:crypto";
import { mkdir, open, rename, rm } from "node:fs/promises";
import path from "node:path";
import type { Database } from "../../store/db.ts";

export class Uploads {
  readonly #folder: string;
  readonly #database: Database;

  constructor(home: string, database: Database) {
    this.#folder = path.join(home, "knowledge", "uploads");
    this.#database = database;
  }

  /** The SHA-256 in hex by which `fileOf` gives them back. */
  async keep(bytes: Uint8Array): Promise<string> {
    const sha256 = createHash("sha256").update(bytes).digest("hex");
    await mkdir(this.#folder, { recursive: true, mode: 0o700 });
    const part = path.join(this.#folder, `${sha256}.${randomBytes(4).toString("hex")}.part`);
    try {
      const file = await open(part, "w", 0o600);
      try {
        await file.writeFile(bytes);
        await file.sync();
      } finally {
        await file.close();
      }
      await rename(part, this.fileOf(sha256));
    } catch (error) {
      await rm(part, { force: true });
      throw error;
    }
    return sha256;
  }

  fileOf(sha256: string): string {
    return path.join(this.#folder, path.basename(sha256));
  }

  /** Forgets bytes that no item waits for. One that failed or was canceled may be tried again. */
  async release(sha256: string): Promise<void> {
    const row = this.#database
      .statement(
        "SELECT 1 FROM kb_items WHERE state NOT IN ('done', 'unchanged') AND json_extract(source, '$.sha256') = ? LIMIT 1",
      )
      .get(sha256);
    if (!row) await rm(this.fileOf(sha256), { force: true });
  }
}
