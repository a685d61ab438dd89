/** API keys. Times are milliseconds since 1970; of the key itself only its SHA-256 is kept. */
import type { Migration } from "./index.ts";

export const apiKeys: Migration = {
  version: 1,
  sql: `
    CREATE TABLE api_keys (
      id           TEXT PRIMARY KEY,           -- the public part of the key
      name         TEXT NOT NULL COLLATE NOCASE,
      hash         BLOB NOT NULL,              -- SHA-256 of the whole key
      scopes       TEXT NOT NULL,              -- JSON array of words
      models       TEXT,                       -- JSON array of patterns; NULL: every model
      client       TEXT,                       -- SHA-256 of a registry client's public key, in hex
      created_at   INTEGER NOT NULL,
      expires_at   INTEGER,                    -- NULL: never
      revoked_at   INTEGER,
      last_used_at INTEGER
    ) STRICT;
    -- A revoked key leaves its name free.
    CREATE UNIQUE INDEX api_keys_name ON api_keys (name) WHERE revoked_at IS NULL;
    CREATE INDEX api_keys_client ON api_keys (client) WHERE client IS NOT NULL;
  `,
};
