/** Documents in the database: their text, where they were found, and their passages. */
import { NotFound } from "../../errors.ts";
import type { Database } from "../../store/db.ts";
import type { Block, ParsedDocument, Passage } from "../types.ts";

export interface Document {
  id: number;
  base: number;
  /** SHA-256, in hex, of the bytes it was read from. */
  sha256: string;
  bytes: number;
  name: string;
  title: string;
  language: string | undefined;
  pages: number | undefined;
  notes: string[];
  /** The source's own date, in milliseconds since 1970. */
  modifiedAt: number | undefined;
  addedAt: number;
  passages: number;
  /** Every path or URL it was found at. */
  places: string[];
}

export interface NewDocument {
  sha256: Uint8Array;
  bytes: number;
  name: string;
  modifiedAt: number | undefined;
  /** Now, without it. */
  addedAt?: number;
  parsed: ParsedDocument;
}

export interface Place {
  place: string;
  document: number;
  bytes: number | undefined;
  modifiedAt: number | undefined;
}

export interface DocumentFilter {
  /** Ids of documents. */
  documents?: readonly number[];
  /** Ids of documents that are left out. */
  without?: readonly number[];
  /** Places that are this folder or in it. */
  folder?: string;
  /** Dates of the source (or of the import, where it has none), in milliseconds since 1970, both included. */
  since?: number;
  until?: number;
  languages?: readonly string[];
}

const COLUMNS = "id, base, sha256, bytes, name, title, language, pages, notes, modified_at, added_at, passages";

export function documentOf(database: Database, base: number, sha256: Uint8Array): number | undefined {
  const row = database.statement("SELECT id FROM kb_documents WHERE base = ? AND sha256 = ?").get(base, sha256);
  return row && Number(row.id);
}

/** The document that a place holds, when it says the same in other bytes: a page with another date at its foot, a file saved once more. */
export function sameTextAt(database: Database, base: number, place: string, { title, text }: ParsedDocument): number | undefined {
  const row = database
    .statement(
      `SELECT d.id FROM kb_places p JOIN kb_documents d ON d.id = p.document
       WHERE p.base = ? AND p.place = ? AND d.title = ? AND d.text = ?`,
    )
    .get(base, place, title, text);
  return row && Number(row.id);
}

export function listDocuments(database: Database, base: number, { limit = 1000, after = 0 } = {}): Document[] {
  const rows = database
    .statement(`SELECT ${COLUMNS} FROM kb_documents WHERE base = ? AND id > ? ORDER BY id LIMIT ?`)
    .all(base, after, limit);
  return rows.map((row) => fromRow(database, row));
}

/** The id of the one that came last; 0 without any. */
export function newestDocument(database: Database, base: number): number {
  return Number(database.statement("SELECT max(id) AS id FROM kb_documents WHERE base = ?").get(base)?.id ?? 0);
}

/** Throws NotFound. */
export function documentById(database: Database, base: number, id: number): Document {
  const row = database.statement(`SELECT ${COLUMNS} FROM kb_documents WHERE base = ? AND id = ?`).get(base, id);
  if (!row) throw new NotFound(`there is no document ${id} in this knowledge base`);
  return fromRow(database, row);
}

/** The text that every offset counts in. Throws NotFound. */
export function textOf(database: Database, base: number, id: number): { text: string; blocks: Block[] } {
  const row = database.statement("SELECT text, blocks FROM kb_documents WHERE base = ? AND id = ?").get(base, id);
  if (!row) throw new NotFound(`there is no document ${id} in this knowledge base`);
  return { text: String(row.text), blocks: JSON.parse(String(row.blocks)) as Block[] };
}

/** Its passages are to follow. */
export function insertDocument(database: Database, base: number, { parsed, ...document }: NewDocument, passages: number): number {
  const { lastInsertRowid } = database
    .statement(
      `INSERT INTO kb_documents (base, sha256, bytes, name, title, language, pages, text, blocks, notes, modified_at, added_at, passages)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    )
    .run(
      base,
      document.sha256,
      document.bytes,
      document.name,
      parsed.title,
      parsed.language ?? null,
      parsed.pages ?? null,
      parsed.text,
      JSON.stringify(parsed.blocks),
      JSON.stringify(parsed.notes),
      document.modifiedAt ?? null,
      document.addedAt ?? Date.now(),
      passages,
    );
  return Number(lastInsertRowid);
}

/** The ids, in the passages' order. */
export function insertPassages(database: Database, document: number, text: string, passages: readonly Passage[]): number[] {
  const insert = database.statement(
    `INSERT INTO kb_passages (document, start, "end", page, kind, headings, header_row, symbol, tokens, text)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  );
  return passages.map(({ start, end, page, kind, headings, headerRow, symbol, tokens }) => {
    const { lastInsertRowid } = insert.run(
      document,
      start,
      end,
      page ?? null,
      kind,
      JSON.stringify(headings),
      headerRow ?? null,
      symbol ?? null,
      tokens,
      text.slice(start, end),
    );
    return Number(lastInsertRowid);
  });
}

export function passagesOf(database: Database, document: number): number[] {
  const rows = database.statement("SELECT id FROM kb_passages WHERE document = ? ORDER BY id").all(document);
  return rows.map(({ id }) => Number(id));
}

/** Says where a document is. The one that was there before is returned when no other place holds it. */
export function setPlace(database: Database, base: number, { place, document, bytes, modifiedAt }: Place): number | undefined {
  const before = database.statement("SELECT document FROM kb_places WHERE base = ? AND place = ?").get(base, place);
  database
    .statement("INSERT OR REPLACE INTO kb_places (base, place, document, bytes, modified_at) VALUES (?, ?, ?, ?, ?)")
    .run(base, place, document, bytes ?? null, modifiedAt ?? null);
  const left = before && Number(before.document);
  return left !== undefined && left !== document && !hasPlace(database, left) ? left : undefined;
}

/** The document that was there is returned when no other place holds it. */
export function removePlace(database: Database, base: number, place: string): number | undefined {
  const row = database.statement("SELECT document FROM kb_places WHERE base = ? AND place = ?").get(base, place);
  if (!row) return;
  database.statement("DELETE FROM kb_places WHERE base = ? AND place = ?").run(base, place);
  const document = Number(row.document);
  if (!hasPlace(database, document)) return document;
  rename(database, document, place);
  return undefined;
}

/** All places of a base, or those in a folder: what a second look at the folder need not read again. */
export function listPlaces(database: Database, base: number, folder?: string): Place[] {
  const rows = database.statement("SELECT * FROM kb_places WHERE base = ? ORDER BY place").all(base);
  return rows
    .map((row) => ({
      place: String(row.place),
      document: Number(row.document),
      bytes: optional(row.bytes),
      modifiedAt: optional(row.modified_at),
    }))
    .filter(({ place }) => folder === undefined || isIn(place, folder));
}

/** The documents that pass; `undefined` when nothing is asked, so that all do. */
export function matchingDocuments(database: Database, base: number, filter: DocumentFilter): number[] | undefined {
  const { documents, without, folder, since, until, languages } = filter;
  if ([documents, without, folder, since, until, languages].every((wanted) => wanted === undefined)) return;
  const rows = database
    .statement("SELECT id, language, coalesce(modified_at, added_at) AS date FROM kb_documents WHERE base = ?")
    .all(base);
  const chosen = documents && new Set(documents);
  const inFolder = folder === undefined ? undefined : new Set(listPlaces(database, base, folder).map((place) => place.document));
  return rows
    .filter(({ id, language, date }) => {
      if (chosen && !chosen.has(Number(id))) return false;
      if (without?.includes(Number(id))) return false;
      if (inFolder && !inFolder.has(Number(id))) return false;
      if (languages && !languages.includes(String(language))) return false;
      return Number(date) >= (since ?? -Infinity) && Number(date) <= (until ?? Infinity);
    })
    .map(({ id }) => Number(id));
}

/** A document that was called after the place that is gone is called after one that is left: its file was renamed. */
function rename(database: Database, document: number, gone: string): void {
  const places = database.statement("SELECT place FROM kb_places WHERE document = ? ORDER BY place").all(document);
  const names = places.map(({ place }) => nameIn(String(place)));
  const name = nameIn(gone);
  const [first] = names;
  if (first === undefined || names.includes(name)) return;
  database.statement("UPDATE kb_documents SET name = ? WHERE id = ? AND name = ?").run(first, document, name);
}

function nameIn(place: string): string {
  return place.split(/[/\\]/).at(-1) ?? place;
}

function hasPlace(database: Database, document: number): boolean {
  return database.statement("SELECT 1 FROM kb_places WHERE document = ? LIMIT 1").get(document) !== undefined;
}

function isIn(place: string, folder: string): boolean {
  const within = folder.replace(/[\\/]+$/, "");
  return place === within || place.startsWith(`${within}/`) || place.startsWith(`${within}\\`);
}

function optional(value: unknown): number | undefined {
  return value === null ? undefined : Number(value);
}

function fromRow(database: Database, row: Record<string, unknown>): Document {
  const places = database.statement("SELECT place FROM kb_places WHERE document = ? ORDER BY place").all(Number(row.id));
  return {
    id: Number(row.id),
    base: Number(row.base),
    sha256: Buffer.from(row.sha256 as Uint8Array).toString("hex"),
    bytes: Number(row.bytes),
    name: String(row.name),
    title: String(row.title),
    language: row.language === null ? undefined : String(row.language),
    pages: optional(row.pages),
    notes: JSON.parse(String(row.notes)) as string[],
    modifiedAt: optional(row.modified_at),
    addedAt: Number(row.added_at),
    passages: Number(row.passages),
    places: places.map(({ place }) => String(place)),
  };
}
