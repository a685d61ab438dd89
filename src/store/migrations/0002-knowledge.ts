/** Knowledge bases. Times are milliseconds since 1970; offsets are UTF-16 code units into the document's text. */
import type { Migration } from "./index.ts";

export const knowledge: Migration = {
  version: 2,
  sql: `
    CREATE TABLE kb_bases (
      id          INTEGER PRIMARY KEY AUTOINCREMENT,
      owner       TEXT NOT NULL,                -- '' where there are no accounts
      name        TEXT NOT NULL COLLATE NOCASE,
      settings    TEXT NOT NULL,                -- JSON
      live_space  INTEGER,                      -- which vectors are searched; NULL: words alone
      old_space   INTEGER,                      -- which were before, for going back
      measure     TEXT,                         -- JSON: what scores mean here; NULL: not measured yet
      created_at  INTEGER NOT NULL
    ) STRICT;
    CREATE UNIQUE INDEX kb_bases_name ON kb_bases (owner, name);

    CREATE TABLE kb_documents (
      id          INTEGER PRIMARY KEY AUTOINCREMENT,
      base        INTEGER NOT NULL REFERENCES kb_bases ON DELETE CASCADE,
      sha256      BLOB NOT NULL,                -- of the bytes it was read from
      bytes       INTEGER NOT NULL,
      name        TEXT NOT NULL,
      title       TEXT NOT NULL,
      language    TEXT,
      pages       INTEGER,
      notes       TEXT NOT NULL,                -- JSON array of sentences
      modified_at INTEGER,                      -- the source's own date
      added_at    INTEGER NOT NULL,
      passages    INTEGER NOT NULL,
      -- Last: whoever wants what stands behind them reads through them.
      text        TEXT NOT NULL,
      blocks      TEXT NOT NULL                 -- JSON: the text can be cut anew without the source
    ) STRICT;
    CREATE UNIQUE INDEX kb_documents_bytes ON kb_documents (base, sha256);
    CREATE INDEX kb_documents_passages ON kb_documents (base, passages);

    -- Where a document was found. Two files with the same bytes are two places of one document.
    CREATE TABLE kb_places (
      base        INTEGER NOT NULL REFERENCES kb_bases ON DELETE CASCADE,
      place       TEXT NOT NULL,                -- path, URL or name
      document    INTEGER NOT NULL REFERENCES kb_documents ON DELETE CASCADE,
      bytes       INTEGER,                      -- with modified_at: whether the source need be read again
      modified_at INTEGER,
      PRIMARY KEY (base, place)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX kb_places_document ON kb_places (document);

    CREATE TABLE kb_passages (
      id          INTEGER PRIMARY KEY AUTOINCREMENT,
      document    INTEGER NOT NULL REFERENCES kb_documents ON DELETE CASCADE,
      start       INTEGER NOT NULL,
      "end"       INTEGER NOT NULL,
      page        INTEGER,
      kind        TEXT NOT NULL,
      headings    TEXT NOT NULL,                -- JSON array
      header_row  TEXT,
      symbol      TEXT,
      tokens      INTEGER NOT NULL,
      text        TEXT NOT NULL
    ) STRICT;
    CREATE INDEX kb_passages_document ON kb_passages (document);

    -- The vectors that one embedder made of one base.
    CREATE TABLE kb_spaces (
      id          INTEGER PRIMARY KEY AUTOINCREMENT,
      base        INTEGER NOT NULL REFERENCES kb_bases ON DELETE CASCADE,
      embedder    TEXT NOT NULL,
      digest      TEXT NOT NULL,                -- of the embedder: vectors of another never come in
      dimensions  INTEGER,                      -- NULL until there is a vector
      measure     TEXT,
      created_at  INTEGER NOT NULL
    ) STRICT;
    CREATE INDEX kb_spaces_base ON kb_spaces (base);

    CREATE TABLE kb_vectors (
      seq         INTEGER PRIMARY KEY AUTOINCREMENT,
      space       INTEGER NOT NULL,
      passage     INTEGER NOT NULL,
      vector      BLOB NOT NULL                 -- float32, little-endian, length 1
    ) STRICT;
    CREATE UNIQUE INDEX kb_vectors_passage ON kb_vectors (passage, space);
    CREATE INDEX kb_vectors_space ON kb_vectors (space, passage);

    CREATE TABLE kb_faults (
      space       INTEGER NOT NULL REFERENCES kb_spaces ON DELETE CASCADE,
      passage     INTEGER NOT NULL REFERENCES kb_passages ON DELETE CASCADE,
      reason      TEXT NOT NULL,                -- why it has no vector
      PRIMARY KEY (space, passage)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX kb_faults_passage ON kb_faults (passage);

    CREATE TABLE kb_jobs (
      id          INTEGER PRIMARY KEY AUTOINCREMENT,
      base        INTEGER NOT NULL REFERENCES kb_bases ON DELETE CASCADE,
      state       TEXT NOT NULL,
      reason      TEXT,
      worker      TEXT,                         -- who works on it
      seen_at     INTEGER,                      -- when that one last said so
      created_at  INTEGER NOT NULL,
      finished_at INTEGER
    ) STRICT;
    CREATE INDEX kb_jobs_base ON kb_jobs (base);

    CREATE TABLE kb_items (
      id          INTEGER PRIMARY KEY AUTOINCREMENT,
      job         INTEGER NOT NULL REFERENCES kb_jobs ON DELETE CASCADE,
      place       TEXT NOT NULL,
      source      TEXT NOT NULL,                -- JSON: where the bytes are
      state       TEXT NOT NULL,
      reason      TEXT,                         -- a sentence, of a failure
      code        TEXT,                         -- a word for programs
      tries       INTEGER NOT NULL DEFAULT 0,
      document    INTEGER REFERENCES kb_documents ON DELETE SET NULL
    ) STRICT;
    CREATE INDEX kb_items_job ON kb_items (job, state);
    CREATE INDEX kb_items_document ON kb_items (document);
    CREATE INDEX kb_items_upload ON kb_items (json_extract(source, '$.sha256')) WHERE json_extract(source, '$.sha256') IS NOT NULL;

    -- Questions of the base with the place of their answer.
    CREATE TABLE kb_questions (
      id          INTEGER PRIMARY KEY AUTOINCREMENT,
      base        INTEGER NOT NULL REFERENCES kb_bases ON DELETE CASCADE,
      question    TEXT NOT NULL,
      document    INTEGER NOT NULL REFERENCES kb_documents ON DELETE CASCADE,
      start       INTEGER NOT NULL,
      "end"       INTEGER NOT NULL
    ) STRICT;
    CREATE INDEX kb_questions_base ON kb_questions (base);
    CREATE INDEX kb_questions_document ON kb_questions (document);
  `,
};
