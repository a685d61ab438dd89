/** Passages as they are read back: with the title of their document, for hits and for embedding. */
import type { Database } from "../../store/db.ts";
import type { BlockKind } from "../types.ts";
import type { PassageText } from "../words/fields.ts";

export interface StoredPassage extends PassageText {
  id: number;
  document: number;
  name: string;
  title: string;
  start: number;
  end: number;
  page: number | undefined;
  kind: BlockKind;
  symbol: string | undefined;
  tokens: number;
}

const SELECT = `SELECT p.*, d.name, d.title FROM kb_passages p JOIN kb_documents d ON d.id = p.document`;

/** Those of them that are still there, in their order. */
export function readPassages(database: Database, ids: readonly number[]): StoredPassage[] {
  const select = database.statement(`${SELECT} WHERE p.id = ?`);
  return ids.flatMap((id) => {
    const row = select.get(id);
    return row ? [fromRow(row)] : [];
  });
}

/** Those of a document, in its order. */
export function listPassages(database: Database, document: number, { limit = 1000, after = 0 } = {}): StoredPassage[] {
  return database
    .statement(`${SELECT} WHERE p.document = ? AND p.id > ? ORDER BY p.id LIMIT ?`)
    .all(document, after, limit)
    .map(fromRow);
}

/** Ids of a base's passages after one, in order. */
export function passagesAfter(database: Database, base: number, after: number, limit: number): number[] {
  const rows = database
    .statement(
      `SELECT p.id FROM kb_passages p JOIN kb_documents d ON d.id = p.document
       WHERE p.id > ? AND d.base = ? ORDER BY p.id LIMIT ?`,
    )
    .all(after, base, limit);
  return rows.map(({ id }) => Number(id));
}

function fromRow(row: Record<string, unknown>): StoredPassage {
  return {
    id: Number(row.id),
    document: Number(row.document),
    name: String(row.name),
    title: String(row.title),
    start: Number(row.start),
    end: Number(row.end),
    page: row.page === null ? undefined : Number(row.page),
    kind: String(row.kind) as BlockKind,
    headings: JSON.parse(String(row.headings)) as string[],
    ...(row.header_row !== null && { headerRow: String(row.header_row) }),
    symbol: row.symbol === null ? undefined : String(row.symbol),
    tokens: Number(row.tokens),
    text: String(row.text),
  };
}
