/** What the writer does with a base that arrives as a file: it is built unseen, and is there when it is whole. */

import { Invalid } from "../../errors.ts";
import type { Database } from "../../store/db.ts";
import type { Index, PassageVector } from "../index/types.ts";
import { insertDocument, insertPassages, setPlace } from "../rows/documents.ts";
import { checkSpace, type Space } from "../rows/spaces.ts";
import type { Passage } from "../types.ts";
import { fieldsOf } from "../words/fields.ts";
import { type ArchivedDocument, documentName, readDocumentEntry, vectorsName, wrong } from "./format.ts";

/** A document with its vectors, as the file has them. */
export interface DocumentPart {
  number: number;
  document: Uint8Array;
  vectors: Uint8Array | undefined;
}

/** What tells whether documents go together. */
export interface Summary {
  sha256: string;
  places: string[];
  passages: number;
}

/** How far from 1 the length of a vector may be. */
const LENGTH_TOLERANCE = 1e-3;

/** Throws Invalid when anything in it cannot be. */
export function checkPart({ number, document, vectors }: DocumentPart, dimensions: number | undefined): Summary {
  const { sha256, places, passages } = readDocumentEntry(document, documentName(number));
  if (vectors && dimensions !== undefined)
    checkVectors(vectors, { rows: passages.length, dimensions, name: vectorsName(number) });
  return { sha256, places: places.map(({ place }) => place), passages: passages.length };
}

/** In a transaction. `space`: where the vectors go; without one they are left out. */
export async function takePart(
  database: Database,
  index: Index,
  { base, part, space }: { base: number; part: DocumentPart; space: Space | undefined },
): Promise<void> {
  const entry = readDocumentEntry(part.document, documentName(part.number));
  const passages = entry.passages.map(passageOf);
  const document = insertDocument(database, base, documentOf(entry), passages.length);
  const ids = insertPassages(database, document, entry.text, passages);
  for (const { place, bytes, modified_at: modifiedAt } of entry.places) {
    setPlace(database, base, { place, document, bytes, modifiedAt });
  }
  await index.addWords(
    base,
    passages.map(({ start, end, headings, headerRow }, i) => ({
      passage: ids[i] ?? 0,
      document,
      ...fieldsOf(entry.title, {
        text: entry.text.slice(start, end),
        headings,
        ...(headerRow !== undefined && { headerRow }),
      }),
    })),
  );
  if (!space || !part.vectors || ids.length === 0) return;
  const vectors = vectorsIn(part.vectors, ids);
  const [first] = vectors;
  if (!first) return;
  checkSpace(database, space, space.digest, first.vector.length);
  await index.addVectors(space.id, vectors);
}

function documentOf(entry: ArchivedDocument) {
  const { sha256, bytes, name, title, language, pages, notes, text } = entry;
  const blocks = entry.blocks.map(({ level, page, headerRow, symbol, ...block }) => ({
    ...block,
    ...(level !== undefined && { level }),
    ...(page !== undefined && { page }),
    ...(headerRow !== undefined && { headerRow }),
    ...(symbol !== undefined && { symbol }),
  }));
  return {
    sha256: Buffer.from(sha256, "hex"),
    ...{ bytes, name, modifiedAt: entry.modified_at, addedAt: entry.added_at },
    parsed: { title, text, blocks, notes, ...(language !== undefined && { language }), ...(pages !== undefined && { pages }) },
  };
}

function passageOf({ page, header_row: headerRow, symbol, ...passage }: ArchivedDocument["passages"][number]): Passage {
  return {
    ...passage,
    ...(page !== undefined && { page }),
    ...(headerRow !== undefined && { headerRow }),
    ...(symbol !== undefined && { symbol }),
  };
}

function checkVectors(bytes: Uint8Array, { rows, dimensions, name }: { rows: number; dimensions: number; name: string }): void {
  if (bytes.length !== rows * dimensions * 4) {
    throw wrong(
      name,
      `${rows} passages with ${dimensions} numbers each would take ${rows * dimensions * 4} bytes, not ${bytes.length}`,
    );
  }
  for (let row = 0; row < rows; row++) {
    const length = lengthOf(rowOf(bytes, row, dimensions));
    if (length !== 0 && !(Math.abs(length - 1) <= LENGTH_TOLERANCE))
      throw wrong(name, `vector ${row + 1} has the length ${length}`);
  }
}

/** Rows of zeros stand for passages without a vector. */
function vectorsIn(bytes: Uint8Array, passages: readonly number[]): PassageVector[] {
  const dimensions = bytes.length / 4 / passages.length;
  if (!Number.isInteger(dimensions)) throw new Invalid("the vectors in the file are not those of its passages");
  return passages
    .map((passage, row) => ({ passage, vector: rowOf(bytes, row, dimensions) }))
    .filter(({ vector }) => lengthOf(vector) !== 0);
}

/** A copy: the bytes may lie anywhere, also in a buffer that many share. */
function rowOf(bytes: Uint8Array, row: number, dimensions: number): Float32Array {
  return new Float32Array(new Uint8Array(bytes.subarray(row * dimensions * 4, (row + 1) * dimensions * 4)).buffer);
}

function lengthOf(vector: Float32Array): number {
  return Math.sqrt(vector.reduce((sum, value) => sum + value * value, 0));
}
