/** The writer's part in the import of an exported base. */

import type { Database } from "../../store/db.ts";
import { EvaluationWriter } from "../evaluate/writer.ts";
import type { Index } from "../index/types.ts";
import type { Base } from "../rows/bases.ts";
import { spaceById } from "../rows/spaces.ts";
import { transaction } from "../transaction.ts";
import { isGone } from "../worker.ts";
import { beginArrival, endArrival, leftArrivals } from "./arrival.ts";
import type { DocumentPart, Summary } from "./take.ts";

export class ArrivalWriter extends EvaluationWriter {
  readonly #database: Database;
  readonly #index: Index;

  constructor(database: Database, index: Index) {
    super(database);
    this.#database = database;
    this.#index = index;
  }

  /** Throws Invalid when anything in it cannot be. */
  async checkPart(part: DocumentPart, dimensions: number | undefined): Promise<Summary> {
    // Not before: nobody else in this thread needs what checks it.
    const { checkPart } = await import("./take.ts");
    return checkPart(part, dimensions);
  }

  beginArrival(wanted: Parameters<typeof beginArrival>[1]): Base {
    return beginArrival(this.#database, wanted);
  }

  /** `space`: where their vectors go. */
  async takeParts(base: number, parts: readonly DocumentPart[], space: number | undefined): Promise<void> {
    const { takePart } = await import("./take.ts");
    await transaction(
      this.#database,
      async () => {
        for (const part of parts) {
          const into = space === undefined ? undefined : spaceById(this.#database, space);
          await takePart(this.#database, this.#index, { base, part, space: into });
        }
      },
      this.#index,
    );
  }

  async takeQuestions(base: number, bytes: Uint8Array): Promise<void> {
    const { takeQuestions } = await import("./questions.ts");
    this.#database.transaction((connection) => {
      const rows = connection.prepare("SELECT id FROM kb_documents WHERE base = ? ORDER BY id").all(base);
      takeQuestions(
        this.#database,
        base,
        bytes,
        rows.map(({ id }) => Number(id)),
      );
    });
  }

  endArrival(base: number, end: Parameters<typeof endArrival>[2]): Base {
    return endArrival(this.#database, base, end);
  }

  /** Bases that a process was bringing when it died. */
  leftArrivals(self: string): number[] {
    return leftArrivals(this.#database, (who) => isGone(who, self));
  }
}
