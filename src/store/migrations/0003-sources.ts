/** Sources of knowledge bases that are looked at again. Times are milliseconds since 1970. */
import type { Migration } from "./index.ts";

export const sources: Migration = {
  version: 3,
  sql: `
    CREATE TABLE kb_sources (
      id          INTEGER PRIMARY KEY AUTOINCREMENT,
      base        INTEGER NOT NULL REFERENCES kb_bases ON DELETE CASCADE,
      kind        TEXT NOT NULL,                -- folder, site, url or git
      location    TEXT NOT NULL,                -- path or URL
      options     TEXT NOT NULL,                -- JSON, as its kind wants it
      every_ms    INTEGER,                      -- NULL: only when somebody asks
      created_at  INTEGER NOT NULL,
      looked_at   INTEGER,                      -- when the last look that is written down ended
      result      TEXT                          -- JSON: what that look found
    ) STRICT;
    CREATE UNIQUE INDEX kb_sources_location ON kb_sources (base, kind, location, options);

    -- What a source held when it was last looked at, so that the next look reads only what has changed.
    CREATE TABLE kb_finds (
      source      INTEGER NOT NULL REFERENCES kb_sources ON DELETE CASCADE,
      place       TEXT NOT NULL,
      stamp       TEXT NOT NULL,                -- JSON, as the kind of source wants it
      job         INTEGER NOT NULL,             -- which import was given it
      PRIMARY KEY (source, place)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX kb_finds_place ON kb_finds (place);
  `,
};
