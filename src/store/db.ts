/** Everything Puna remembers besides models: one SQLite file, `puna.db` in PUNA_HOME. The only module that knows the SQLite package. */
import { chmodSync, closeSync, existsSync, mkdirSync, openSync, statSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import type { DatabaseSync } from "@photostructure/sqlite";
import { Failed, messageOf } from "../errors.ts";
import { type Migration, migrations as released } from "./migrations/index.ts";

/** How long a statement waits while others write, in milliseconds. */
const BUSY_MS = 5000;
/** SQLite's own measure. */
const CACHE_KB = 2000;

const require = createRequire(import.meta.url);

export type Connection = InstanceType<typeof DatabaseSync>;

/** Opened on first use. Several processes may have it open at once. */
export class Database {
  readonly file: string;
  readonly #migrations: readonly Migration[];
  readonly #busyMs: number;
  readonly #cacheKb: number;
  #connection: Connection | undefined;
  readonly #statements = new Map<string, ReturnType<Connection["prepare"]>>();

  /** `busyMs`: how long a statement waits while others write; a thread that holds up nobody can wait longer. `cacheKb`: pages kept in memory. */
  constructor(home: string, migrations: readonly Migration[] = released, { busyMs = BUSY_MS, cacheKb = CACHE_KB } = {}) {
    this.file = path.join(home, "puna.db");
    this.#migrations = migrations;
    this.#busyMs = busyMs;
    this.#cacheKb = cacheKb;
  }

  /** Whether anything was ever written. Who only wants to read need not make an empty file. */
  exists(): boolean {
    return this.#connection !== undefined || existsSync(this.file);
  }

  /** The open database, its schema up to date. Throws Failed, saying what is wrong with the file. */
  open(): Connection {
    this.#connection ??= this.#connect();
    return this.#connection;
  }

  /** All that `change` writes, or none of it. Its value is the transaction's. */
  transaction<T>(change: (connection: Connection) => T): T {
    return inTransaction(this.open(), change);
  }

  /** A statement that is prepared once, for what every request asks. */
  statement(sql: string): ReturnType<Connection["prepare"]> {
    const known = this.#statements.get(sql);
    if (known) return known;
    const statement = this.open().prepare(sql);
    this.#statements.set(sql, statement);
    return statement;
  }

  /** A write that may as well not happen: it is left out when another process is writing, or the disk is full. */
  withoutWaiting(change: (connection: Connection) => void): void {
    const connection = this.open();
    connection.exec("PRAGMA busy_timeout = 0");
    try {
      change(connection);
    } catch {
    } finally {
      connection.exec(`PRAGMA busy_timeout = ${this.#busyMs}`);
    }
  }

  close(): void {
    this.#statements.clear();
    this.#connection?.close();
    this.#connection = undefined;
  }

  #connect(): Connection {
    let connection: Connection | undefined;
    try {
      makePrivate(this.file);
      // Not before: a server without keys need not hold the library in memory.
      const sqlite: typeof import("@photostructure/sqlite") = require("@photostructure/sqlite");
      connection = new sqlite.DatabaseSync(this.file, { timeout: this.#busyMs });
      // Survives the death of any process at any point; a power cut may lose the last changes, never the file.
      connection.exec(`PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA cache_size = -${this.#cacheKb};`);
      this.#migrate(connection);
      return connection;
    } catch (error) {
      connection?.close();
      throw error instanceof Failed
        ? error
        : new Failed(`cannot open the database ${this.file}: ${reasonOf(error)}`, { cause: error });
    }
  }

  #migrate(connection: Connection): void {
    const newest = this.#migrations.length;
    if (versionOf(connection) === newest) return;
    inTransaction(connection, () => {
      // Read again: another process may have done it while this one waited for its turn.
      const current = versionOf(connection);
      if (current > newest) {
        throw new Failed(
          `the database ${this.file} was written by a newer Puna (schema ${current}, this one knows ${newest}): update Puna, or set PUNA_HOME to another folder`,
        );
      }
      for (const { version, sql } of this.#migrations.slice(current)) {
        connection.exec(sql);
        connection.exec(`PRAGMA user_version = ${version}`);
      }
    });
  }
}

function inTransaction<T>(connection: Connection, change: (connection: Connection) => T): T {
  connection.exec("BEGIN IMMEDIATE");
  try {
    const value = change(connection);
    connection.exec("COMMIT");
    return value;
  } catch (error) {
    // A full disk ends the transaction by itself.
    if (connection.isTransaction) connection.exec("ROLLBACK");
    throw error;
  }
}

function versionOf(connection: Connection): number {
  return Number(connection.prepare("PRAGMA user_version").get()?.user_version);
}

/** For its owner alone, also the files that SQLite makes beside it: they take over its mode. */
function makePrivate(file: string): void {
  mkdirSync(path.dirname(file), { recursive: true, mode: 0o700 });
  closeSync(openSync(file, "a", 0o600));
  if (process.platform !== "win32" && (statSync(file).mode & 0o077) !== 0) chmodSync(file, 0o600);
}

const REASONS: Record<string, string> = {
  EACCES: "permission denied; make it readable and writable for this user, or set PUNA_HOME to a folder that is",
  EPERM: "permission denied; make it readable and writable for this user, or set PUNA_HOME to a folder that is",
  EROFS: "the file system is read-only; set PUNA_HOME to a folder that is writable",
  ENOSPC: "the disk is full; make room, or set PUNA_HOME to a folder on another disk",
  ENOTDIR: "a part of its path is a file, not a folder; set PUNA_HOME to a folder",
  EEXIST: "a part of its path is a file, not a folder; set PUNA_HOME to a folder",
  EISDIR: "it is a folder; move it away",
};

/** SQLite's primary result codes. */
const SQLITE_REASONS: Record<number, string> = {
  5: "another process has kept it busy for too long; try again",
  10: "the disk reports an error",
  11: "it is damaged; restore it from a backup, or move it away to begin anew",
  13: "the disk is full; make room, or set PUNA_HOME to a folder on another disk",
  26: "it is not a database; move it away to begin anew",
};

/** What SQLite reports of the file or the disk, as a Failed that says what to do; anything else as it is. */
export function explained(error: unknown): unknown {
  const { errcode } = error as { errcode?: unknown };
  const reason = typeof errcode === "number" ? SQLITE_REASONS[errcode & 0xff] : undefined;
  return reason === undefined ? error : new Failed(`the database cannot be used: ${reason}`, { cause: error });
}

function reasonOf(error: unknown): string {
  const { code, errcode } = error as { code?: unknown; errcode?: unknown };
  if (typeof errcode === "number") return SQLITE_REASONS[errcode & 0xff] ?? messageOf(error);
  return (typeof code === "string" ? REASONS[code] : undefined) ?? messageOf(error);
}
