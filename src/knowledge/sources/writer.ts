/** The writer of knowledge bases with what sources write. */

import type { Database } from "../../store/db.ts";
import type { Index } from "../index/types.ts";
import {
  createSource,
  type Find,
  isHeldElsewhere,
  type LookResult,
  type NewSource,
  type Source,
  setFinds,
  sourceById,
} from "../rows/sources.ts";
import { Writer } from "../writer.ts";

export class KnowledgeWriter extends Writer {
  readonly #database: Database;

  constructor(database: Database, index: Index) {
    super(database, index);
    this.#database = database;
  }

  createSource(base: number, wanted: NewSource): Source {
    return createSource(this.#database, base, wanted);
  }

  setSchedule(source: number, everyMs: number | undefined): Source {
    this.#database.statement("UPDATE kb_sources SET every_ms = ? WHERE id = ?").run(everyMs ?? null, source);
    return sourceById(this.#database, source);
  }

  /** What it held stays in the base. */
  removeSource(source: number): void {
    this.#database.statement("DELETE FROM kb_sources WHERE id = ?").run(source);
  }

  /** What a look has seen; `job` imports it. */
  setFinds(source: number, job: number | undefined, finds: readonly Find[]): void {
    this.#database.transaction(() => setFinds(this.#database, source, job, finds));
  }

  /** What is not there any more leaves the base, unless another source holds it as well. Cut off, it is simply done again. */
  async dropFinds(source: number, places: readonly string[]): Promise<void> {
    const { base } = sourceById(this.#database, source);
    for (const place of places) {
      if (!isHeldElsewhere(this.#database, source, place)) await this.removePlace(base, place);
      this.#database.statement("DELETE FROM kb_finds WHERE source = ? AND place = ?").run(source, place);
    }
  }

  setResult(source: number, result: LookResult): void {
    this.#database
      .statement("UPDATE kb_sources SET looked_at = ?, result = ? WHERE id = ?")
      .run(result.at, JSON.stringify(result), source);
  }
}
