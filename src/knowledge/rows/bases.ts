/** Knowledge bases in the database. */
import { Invalid, NotFound, PunaError } from "../../errors.ts";
import type { Database } from "../../store/db.ts";

const NAME = /^[\p{L}\p{N}][\p{L}\p{N}\p{M}._ -]{0,63}$/u;

export interface BaseSettings {
  /** The model whose vectors are to be searched beside the words. */
  embedder?: string;
  /** The model that reads the best passages once more beside the question, and puts them in order. */
  reranker?: string;
  /** Tokens that a passage should have, and must not exceed. */
  passageTokens: number;
  mostPassageTokens: number;
  /** The model that answers, and whether it may add what it knows; without them one that is there, from the documents alone. */
  model?: string;
  mode?: "chat" | "query";
  /** What to answer when the documents say nothing. */
  refusal?: string;
  /** The score from which a question counts as answered by the documents. */
  threshold?: number;
}

export interface Base {
  id: number;
  /** Whose it is; "" where there are no accounts. */
  owner: string;
  name: string;
  settings: BaseSettings;
  /** The vectors that are searched, and those that were before. */
  liveSpace: number | undefined;
  oldSpace: number | undefined;
  createdAt: number;
  documents: number;
  passages: number;
}

export const DEFAULT_SETTINGS: BaseSettings = { passageTokens: 200, mostPassageTokens: 320 };

const SELECT = `SELECT b.*, (SELECT count(*) FROM kb_documents d WHERE d.base = b.id) AS documents,
  (SELECT coalesce(sum(d.passages), 0) FROM kb_documents d WHERE d.base = b.id) AS passages FROM kb_bases b`;

/** Throws Invalid, or PunaError 409 when the owner has one of this name. */
export function createBase(database: Database, wanted: { owner: string; name: string; settings: Partial<BaseSettings> }): Base {
  return database.transaction(() => insertBase(database, wanted));
}

/** In a transaction. Throws as `createBase` does. */
export function insertBase(
  database: Database,
  { owner, name, settings }: { owner: string; name: string; settings: Partial<BaseSettings> },
): Base {
  const wanted = checkedName(name);
  const complete = checkedSettings({ ...DEFAULT_SETTINGS, ...settings });
  refuseTaken(database, owner, wanted);
  const { lastInsertRowid } = database
    .statement("INSERT INTO kb_bases (owner, name, settings, created_at) VALUES (?, ?, ?, ?)")
    .run(owner, wanted, JSON.stringify(complete), Date.now());
  return baseById(database, Number(lastInsertRowid));
}

/** Owners of bases that are on their way in begin so (`archive/arrival.ts`): nobody sees them before they are whole. */
export const ARRIVING = "(arriving) ";

/** In the order of their names. */
export function listBases(database: Database, owner: string | undefined): Base[] {
  if (!database.exists()) return [];
  const rows =
    owner === undefined
      ? database.statement(`${SELECT} WHERE b.owner NOT LIKE '${ARRIVING}%' ORDER BY b.name, b.owner`).all()
      : database.statement(`${SELECT} WHERE b.owner = ? ORDER BY b.name`).all(owner);
  return rows.map(fromRow);
}

/** Throws NotFound. */
export function baseNamed(database: Database, owner: string, name: string): Base {
  const row = database.exists() && database.statement(`${SELECT} WHERE b.owner = ? AND b.name = ?`).get(owner, name.trim());
  if (!row) throw new NotFound(`there is no knowledge base ${JSON.stringify(name)} (see 'puna kb list')`);
  return fromRow(row);
}

/** Throws NotFound. */
export function baseById(database: Database, id: number): Base {
  const row = database.statement(`${SELECT} WHERE b.id = ?`).get(id);
  if (!row) throw new NotFound("this knowledge base is not there any more");
  return fromRow(row);
}

/** Changes the name or some settings; a setting that is `undefined` is taken away. */
export function updateBase(database: Database, id: number, change: BaseChange): Base {
  return database.transaction(() => changeBase(database, id, change));
}

export interface BaseChange {
  name?: string;
  settings?: Partial<BaseSettings>;
}

/** The same as a part of a transaction. */
export function changeBase(database: Database, id: number, change: BaseChange): Base {
  const base = baseById(database, id);
  const name = change.name === undefined ? base.name : checkedName(change.name);
  if (name.toLowerCase() !== base.name.toLowerCase()) refuseTaken(database, base.owner, name);
  const settings = checkedSettings({ ...base.settings, ...change.settings });
  database.statement("UPDATE kb_bases SET name = ?, settings = ? WHERE id = ?").run(name, JSON.stringify(settings), id);
  return baseById(database, id);
}

/** Throws PunaError 409. */
export function refuseTaken(database: Database, owner: string, name: string): void {
  if (database.statement("SELECT 1 FROM kb_bases WHERE owner = ? AND name = ?").get(owner, name)) {
    throw new PunaError(409, `there is a knowledge base ${JSON.stringify(name)} already: choose another name`);
  }
}

function checkedName(name: string): string {
  const trimmed = name.normalize("NFC").trim();
  if (!NAME.test(trimmed)) {
    throw new Invalid(
      "a knowledge base needs a name of 1 to 64 letters, digits, dots, dashes and spaces that begins with a letter or digit",
      {
        param: "name",
      },
    );
  }
  return trimmed;
}

function checkedSettings(settings: BaseSettings): BaseSettings {
  const { passageTokens, mostPassageTokens, threshold } = settings;
  if (!(passageTokens >= 16 && passageTokens <= mostPassageTokens && mostPassageTokens <= 8192)) {
    throw new Invalid(
      `passages of ${passageTokens}, at most ${mostPassageTokens} tokens cannot be: give numbers from 16 to 8192, the second no smaller than the first`,
    );
  }
  if (threshold !== undefined && !(threshold >= 0 && threshold <= 100)) {
    throw new Invalid(`a threshold of ${threshold} cannot be: scores go from 0 to 100`, { param: "threshold" });
  }
  return settings;
}

function fromRow(row: Record<string, unknown>): Base {
  const optional = (value: unknown) => (value === null ? undefined : Number(value));
  return {
    id: Number(row.id),
    owner: String(row.owner),
    name: String(row.name),
    settings: JSON.parse(String(row.settings)) as BaseSettings,
    liveSpace: optional(row.live_space),
    oldSpace: optional(row.old_space),
    createdAt: Number(row.created_at),
    documents: Number(row.documents),
    passages: Number(row.passages),
  };
}
