/** Golden questions in the database. */
import { NotFound } from "../../errors.ts";
import type { Database } from "../../store/db.ts";
import type { GoldenPlace, Origin, PlacedQuestion, Question } from "../evaluate/types.ts";

const SELECT = `SELECT q.*, (SELECT p.page FROM kb_passages p WHERE p.document = q.document AND p."end" > q.start
  ORDER BY p.start LIMIT 1) AS page FROM kb_questions q`;

/** In the order in which they came. */
export function listQuestions(
  database: Database,
  base: number,
  { limit = -1, after = 0, origin }: { limit?: number; after?: number; origin?: Origin | undefined } = {},
): Question[] {
  const rows = database
    .statement(`${SELECT} WHERE q.base = ?1 AND q.id > ?2 AND (?3 IS NULL OR q.origin = ?3) ORDER BY q.id LIMIT ?4`)
    .all(base, after, origin ?? null, limit);
  return rows.map(fromRow);
}

export function countQuestions(database: Database, base: number): number {
  return Number(database.statement("SELECT count(*) AS n FROM kb_questions WHERE base = ?").get(base)?.n);
}

/** Those that are there already are left as they are. Documents that went meanwhile leave their questions without a place. */
export function insertQuestions(
  database: Database,
  base: number,
  questions: readonly PlacedQuestion[],
  origin: Origin,
): { added: number[]; known: number } {
  const isKnown = database.statement(
    "SELECT 1 FROM kb_questions WHERE base = ? AND question = ? AND expects_refusal = ? AND quote IS ? AND name IS ? AND start IS ?",
  );
  const insert = database.statement(
    `INSERT INTO kb_questions (base, question, expects_refusal, document, name, start, "end", quote, before, after, answer, origin, created_at)
     VALUES (?, ?, ?, (SELECT id FROM kb_documents WHERE id = ?), ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  );
  const added: number[] = [];
  let known = 0;
  for (const { question, place, answer } of questions) {
    const refuses = place ? 0 : 1;
    const [quote, name, start] = [place?.quote ?? null, place?.document ?? null, place?.start ?? null];
    if (isKnown.get(base, question, refuses, quote, name, start)) {
      known++;
      continue;
    }
    const { lastInsertRowid } = insert.run(
      ...[base, question, refuses, place?.documentId ?? null, name, start, place?.end ?? null, quote],
      ...[place?.before ?? null, place?.after ?? null, answer ?? null, origin, Date.now()],
    );
    added.push(Number(lastInsertRowid));
  }
  return { added, known };
}

/** Puts a question whose document has changed at its new place. */
export function movePlace(database: Database, id: number, place: GoldenPlace): void {
  database
    .statement(
      `UPDATE kb_questions SET document = (SELECT id FROM kb_documents WHERE id = ?), name = ?, start = ?, "end" = ?, quote = ?, before = ?, after = ? WHERE id = ?`,
    )
    .run(place.documentId ?? null, place.document, place.start, place.end, place.quote, place.before, place.after, id);
}

/** Throws NotFound. */
export function removeQuestion(database: Database, base: number, id: number): void {
  const { changes } = database.statement("DELETE FROM kb_questions WHERE base = ? AND id = ?").run(base, id);
  if (Number(changes) === 0) throw new NotFound(`there is no question ${id} in this knowledge base`);
}

/** All, or all that came in one way. How many there were. */
export function removeQuestions(database: Database, base: number, origin: Origin | undefined): number {
  const { changes } = database
    .statement("DELETE FROM kb_questions WHERE base = ?1 AND (?2 IS NULL OR origin = ?2)")
    .run(base, origin ?? null);
  return Number(changes);
}

function fromRow(row: Record<string, unknown>): Question {
  const optional = (value: unknown) => (value === null ? undefined : String(value));
  return {
    id: Number(row.id),
    question: String(row.question),
    place: Number(row.expects_refusal) === 1 ? undefined : placeOf(row),
    answer: optional(row.answer),
    origin: String(row.origin) as Origin,
    createdAt: Number(row.created_at),
  };
}

function placeOf(row: Record<string, unknown>): GoldenPlace {
  return {
    document: String(row.name),
    documentId: row.document === null ? undefined : Number(row.document),
    page: row.page === null ? undefined : Number(row.page),
    start: Number(row.start),
    end: Number(row.end),
    quote: String(row.quote ?? ""),
    before: String(row.before ?? ""),
    after: String(row.after ?? ""),
  };
}
