/** All that a store holds of its bases, by content and not by number, and whether it is whole. */
import { createHash } from "node:crypto";
import { existsSync, readdirSync } from "node:fs";
import path from "node:path";
import { Database } from "../../src/store/db.ts";

type Row = Record<string, unknown>;

export interface Contents {
  documents: string[];
  passages: string[];
  /** Every term with its passage, its field and where it stands there, hashed. */
  terms: string;
  vectors: string[];
  items: string[];
  jobs: string[];
  /** What should not be: rows that belong to nothing, damage. */
  faults: string[];
  uploads: string[];
}

export function contentsOf(home: string): Contents {
  const database = new Database(home);
  try {
    const all = (sql: string) => database.open().prepare(sql).all() as Row[];
    const passage = "hex(d.sha256) || ' ' || p.start";
    const of = `FROM kb_passages p JOIN kb_documents d ON d.id = p.document`;
    return {
      documents: lines(
        all("SELECT base, hex(sha256), bytes, name, title, language, pages, notes, passages, text, blocks FROM kb_documents"),
      ),
      passages: lines(
        all(`SELECT ${passage}, p."end", p.page, p.kind, p.headings, p.header_row, p.symbol, p.tokens, p.text ${of}`),
      ),
      terms: hash(
        all("SELECT id FROM kb_bases ORDER BY id").map(({ id }) =>
          termsOf(all, Number(id), `SELECT p.id, ${passage} AS at ${of}`),
        ),
      ),
      vectors: lines(all(`SELECT ${passage}, v.space, hex(v.vector) ${of} JOIN kb_vectors v ON v.passage = p.id`)),
      items: lines(
        all("SELECT i.place, i.state, i.code, hex(d.sha256) FROM kb_items i LEFT JOIN kb_documents d ON d.id = i.document"),
      ),
      jobs: lines(all("SELECT base, state, reason FROM kb_jobs")),
      faults: faultsOf(all),
      uploads: existsSync(path.join(home, "knowledge", "uploads")) ? readdirSync(path.join(home, "knowledge", "uploads")) : [],
    };
  } finally {
    database.close();
  }
}

function termsOf(all: (sql: string) => Row[], base: number, passages: string): string {
  if (all(`SELECT 1 FROM sqlite_schema WHERE name = 'kb_words_${base}'`).length === 0) return "";
  const at = new Map(all(passages).map((row) => [row.id, row.at]));
  all(`CREATE VIRTUAL TABLE IF NOT EXISTS temp.terms_${base} USING fts5vocab(main, kb_words_${base}, instance)`);
  return hash(
    all(`SELECT term, doc, col, "offset" FROM temp.terms_${base}`).map(
      ({ term, doc, col, offset }) => `${term} ${at.get(doc)} ${col} ${offset}`,
    ),
  );
}

function faultsOf(all: (sql: string) => Row[]): string[] {
  const faults = all("PRAGMA integrity_check").flatMap((row) => (row.integrity_check === "ok" ? [] : lines([row])));
  const orphans = {
    "passages without document": "kb_passages WHERE document NOT IN (SELECT id FROM kb_documents)",
    "vectors without passage": "kb_vectors WHERE passage NOT IN (SELECT id FROM kb_passages)",
    "documents without place": "kb_documents WHERE id NOT IN (SELECT document FROM kb_places)",
    "wrong counts of passages": "kb_documents d WHERE passages <> (SELECT count(*) FROM kb_passages WHERE document = d.id)",
  };
  for (const [what, from] of Object.entries(orphans)) {
    const [row] = all(`SELECT count(*) AS n FROM ${from}`);
    if (Number(row?.n) > 0) faults.push(`${row?.n} ${what}`);
  }
  for (const { id } of all("SELECT id FROM kb_bases")) {
    if (all(`SELECT 1 FROM sqlite_schema WHERE name = 'kb_words_${id}'`).length === 0) continue;
    try {
      all(`INSERT INTO kb_words_${id} (kb_words_${id}) VALUES ('integrity-check')`);
    } catch (error) {
      faults.push(`the words of base ${id}: ${(error as Error).message}`);
    }
  }
  return faults;
}

function lines(rows: readonly Row[]): string[] {
  return rows.map((row) => JSON.stringify(Object.values(row))).sort();
}

function hash(list: string[]): string {
  return createHash("sha256").update(list.sort().join("\n")).digest("hex");
}
