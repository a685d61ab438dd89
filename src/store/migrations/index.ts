/** Every change of the database's schema, in order. One that was released is never edited: a new one follows it. */
import { apiKeys } from "./0001-api-keys.ts";
import { knowledge } from "./0002-knowledge.ts";
import { sources } from "./0003-sources.ts";
import { evaluation } from "./0004-evaluation.ts";

export interface Migration {
  /** Its place in the list, from 1: what `PRAGMA user_version` says once it is done. */
  version: number;
  /** Statements, run together in one transaction. */
  sql: string;
}

export const migrations: readonly Migration[] = [apiKeys, knowledge, sources, evaluation];
