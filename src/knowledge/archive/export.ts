/** A base as one file: read from the database as it is at one moment, and written as it is read. */
import { createHash } from "node:crypto";
import type { Database } from "../../store/db.ts";
import type { PassageVector } from "../index/types.ts";
import { type Base, baseById } from "../rows/bases.ts";
import { documentById, passagesOf, textOf } from "../rows/documents.ts";
import { readPassages, type StoredPassage } from "../rows/passages.ts";
import { spaceById } from "../rows/spaces.ts";
import { measureOf } from "../search/anchors.ts";
import {
  type ArchivedDocument,
  documentName,
  FORMAT,
  MANIFEST,
  type Manifest,
  QUESTIONS,
  SUMS,
  VERSION,
  vectorsName,
} from "./format.ts";
import { archivedQuestions } from "./questions.ts";
import { TAR_END, tarred } from "./tar.ts";

export interface ExportOptions {
  /** Of a space, from the index. Without it the file has no vectors. */
  vectorsOf?: ((space: number, passages: readonly number[]) => Promise<PassageVector[]>) | undefined;
}

/** The bytes of the archive, unpacked. `database` is for this alone: it is held at one state until the end. Throws NotFound. */
export async function* exported(database: Database, id: number, { vectorsOf }: ExportOptions): AsyncGenerator<Buffer> {
  const connection = database.open();
  connection.exec("BEGIN");
  try {
    const base = baseById(database, id);
    const exportedAt = Date.now();
    const manifest = manifestOf(database, base, { exportedAt, withVectors: vectorsOf !== undefined });
    const sums: string[] = [];
    const file = (name: string, bytes: Uint8Array) => {
      sums.push(`${createHash("sha256").update(bytes).digest("hex")}  ${name}\n`);
      return tarred(name, bytes, exportedAt);
    };
    yield* file(MANIFEST, json(manifest));
    const numbers = new Map<number, number>();
    // Not row by row: the stream may end at any of them, and the package does not survive a database closed under an open cursor.
    const documents = connection.prepare("SELECT id FROM kb_documents WHERE base = ? ORDER BY id").all(id);
    for (const { id: document } of documents) {
      const number = numbers.size + 1;
      numbers.set(Number(document), number);
      const passages = readPassages(database, passagesOf(database, Number(document)));
      yield* file(documentName(number), json(documentEntry(database, base.id, Number(document), passages)));
      if (!manifest.vectors || base.liveSpace === undefined || !vectorsOf) continue;
      const ids = passages.map((passage) => passage.id);
      const vectors = await vectorsOf(base.liveSpace, ids);
      yield* file(vectorsName(number), rowsOf(ids, vectors, manifest.vectors.dimensions));
    }
    yield* file(QUESTIONS, json(archivedQuestions(database, id, numbers)));
    yield* tarred(SUMS, Buffer.from(sums.join("")), exportedAt);
    yield TAR_END;
  } finally {
    if (connection.isTransaction) connection.exec("COMMIT");
  }
}

function manifestOf(
  database: Database,
  base: Base,
  { exportedAt, withVectors }: { exportedAt: number; withVectors: boolean },
): Manifest {
  const { passageTokens, mostPassageTokens, ...settings } = base.settings;
  const space = base.liveSpace === undefined || !withVectors ? undefined : spaceById(database, base.liveSpace);
  return {
    format: FORMAT,
    version: VERSION,
    name: base.name,
    created_at: base.createdAt,
    exported_at: exportedAt,
    settings: { ...settings, passage_tokens: passageTokens, most_passage_tokens: mostPassageTokens },
    documents: base.documents,
    passages: base.passages,
    questions: archivedQuestions(database, base.id, new Map()).length,
    measure: measureOf(database, { base: base.id }) ?? null,
    vectors:
      space?.dimensions === undefined
        ? null
        : {
            embedder: space.embedder,
            digest: space.digest,
            dimensions: space.dimensions,
            measure: measureOf(database, { space: space.id }) ?? null,
          },
  };
}

function documentEntry(database: Database, base: number, id: number, passages: readonly StoredPassage[]): ArchivedDocument {
  const { sha256, bytes, name, title, language, pages, notes, modifiedAt, addedAt } = documentById(database, base, id);
  const places = database.statement("SELECT place, bytes, modified_at FROM kb_places WHERE document = ? ORDER BY place").all(id);
  return {
    ...{ sha256, bytes, name, title, language, pages, notes },
    modified_at: modifiedAt,
    added_at: addedAt,
    places: places.map((row) => ({
      place: String(row.place),
      bytes: optional(row.bytes),
      modified_at: optional(row.modified_at),
    })),
    ...textOf(database, base, id),
    passages: passages.map(({ start, end, page, kind, headings, headerRow, symbol, tokens }) => ({
      ...{ start, end, page, kind, headings, symbol, tokens },
      header_row: headerRow,
    })),
  };
}

/** A row for each passage, in their order; one without a vector has a row of zeros. float32, little-endian. */
function rowsOf(passages: readonly number[], vectors: readonly PassageVector[], dimensions: number): Uint8Array {
  const rows = new Float32Array(passages.length * dimensions);
  const at = new Map(passages.map((passage, i) => [passage, i]));
  for (const { passage, vector } of vectors) {
    if (vector.length === dimensions) rows.set(vector, (at.get(passage) ?? 0) * dimensions);
  }
  return new Uint8Array(rows.buffer);
}

function json(value: unknown): Buffer {
  return Buffer.from(JSON.stringify(value));
}

function optional(value: unknown): number | undefined {
  return value === null ? undefined : Number(value);
}
