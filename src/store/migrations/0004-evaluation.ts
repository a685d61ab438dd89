/** Golden questions that outlive a change of their document or expect a refusal; evaluations, and what each question came to. */
import type { Migration } from "./index.ts";

export const evaluation: Migration = {
  version: 4,
  sql: `
    CREATE TABLE kb_golden (
      id              INTEGER PRIMARY KEY AUTOINCREMENT,
      base            INTEGER NOT NULL REFERENCES kb_bases ON DELETE CASCADE,
      question        TEXT NOT NULL,
      expects_refusal INTEGER NOT NULL,             -- 1: the documents do not say
      document        INTEGER REFERENCES kb_documents ON DELETE SET NULL,
      name            TEXT,                         -- the document's
      start           INTEGER,
      "end"           INTEGER,
      quote           TEXT,                         -- what the document says there, and around: it is found again in a changed document
      before          TEXT,
      after           TEXT,
      answer          TEXT,                         -- words that a right answer has
      origin          TEXT NOT NULL,
      created_at      INTEGER NOT NULL
    ) STRICT;
    INSERT INTO kb_golden (id, base, question, expects_refusal, document, name, start, "end", origin, created_at)
      SELECT q.id, q.base, q.question, 0, q.document, d.name, q.start, q."end", 'hand', d.added_at
      FROM kb_questions q JOIN kb_documents d ON d.id = q.document;
    DROP TABLE kb_questions;
    ALTER TABLE kb_golden RENAME TO kb_questions;
    CREATE INDEX kb_questions_base ON kb_questions (base);
    CREATE INDEX kb_questions_document ON kb_questions (document);

    CREATE TABLE kb_evaluations (
      id          INTEGER PRIMARY KEY AUTOINCREMENT,
      base        INTEGER NOT NULL REFERENCES kb_bases ON DELETE CASCADE,
      kind        TEXT NOT NULL,
      state       TEXT NOT NULL,
      reason      TEXT,
      worker      TEXT,                             -- who works on it
      settings    TEXT NOT NULL,                    -- JSON: how it was asked
      subject     TEXT NOT NULL,                    -- JSON: what the base was then
      questions   INTEGER NOT NULL,
      figures     TEXT,                             -- JSON; NULL until it is done
      created_at  INTEGER NOT NULL,
      finished_at INTEGER
    ) STRICT;
    CREATE INDEX kb_evaluations_base ON kb_evaluations (base);

    CREATE TABLE kb_results (
      evaluation  INTEGER NOT NULL REFERENCES kb_evaluations ON DELETE CASCADE,
      seq         INTEGER NOT NULL,
      result      TEXT NOT NULL,                    -- JSON
      PRIMARY KEY (evaluation, seq)
    ) STRICT, WITHOUT ROWID;
  `,
};
