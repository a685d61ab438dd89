/** The index in PostgreSQL: words as postings, vectors in pgvector. The documents stay in SQLite. */
import { randomUUID } from "node:crypto";
import { messageOf, PunaError } from "../../../errors.ts";
import { logger } from "../../../log.ts";
import type { Database } from "../../../store/db.ts";
import { transaction } from "../../transaction.ts";
import { keepToken, openState, readState } from "../elsewhere.ts";
import {
  type Found,
  INDEX_UNREACHABLE,
  type Index,
  type PassageVector,
  type PassageWords,
  type Restriction,
  type TermCount,
  type WordsQuery,
} from "../types.ts";
import { Connection } from "./connection.ts";
import { MANY_VECTORS, tendIndexes } from "./hnsw.ts";
import { repairIndex } from "./repair.ts";
import { prepareSchema, SCHEMA_VERSION } from "./schema.ts";
import { PostgresVectors, withoutPgvector } from "./vectors.ts";
import { PostgresWords } from "./words.ts";

const log = logger("knowledge");

/** Searching must not wait for a network that swallows packets; a repair of a large base may take its time. */
const QUERY_MS = { read: 60_000, write: 600_000 };

export interface PostgresOptions {
  url: string;
  /** From so many vectors on a space gets an HNSW index. */
  manyVectors?: number | undefined;
}

export class PostgresIndex implements Index {
  readonly #database: Database;
  readonly #options: PostgresOptions;
  readonly #connection: Connection;
  readonly #words: PostgresWords;
  readonly #vectors: PostgresVectors;
  /** Whether PostgreSQL was found in the state of the rows; what is in a transaction is checked again there. */
  #isReady = false;
  #tending: Promise<void> | undefined;
  #hasNewVectors = true;

  constructor(database: Database, options: PostgresOptions) {
    this.#database = database;
    this.#options = options;
    this.#connection = this.#connect(QUERY_MS.write);
    this.#words = new PostgresWords(this.#connection);
    this.#vectors = new PostgresVectors(this.#connection, database);
  }

  async addWords(base: number, passages: readonly PassageWords[]): Promise<void> {
    await this.#writing(() => this.#words.add(base, passages));
  }

  async remove(base: number, passages: readonly number[]): Promise<void> {
    await this.#writing(async () => {
      await this.#words.remove(base, passages);
      await this.#vectors.remove(passages);
    });
  }

  async dropWords(base: number): Promise<void> {
    await this.#writing(() => this.#words.drop(base));
  }

  async countTerms(base: number, terms: readonly WordsQuery[]): Promise<{ terms: TermCount[]; passages: number }> {
    await this.#checkSearchable();
    return await this.#words.count(base, terms);
  }

  async byWords(base: number, terms: readonly WordsQuery[], restriction: Restriction): Promise<Found[]> {
    this.#requireState();
    return await this.#words.find(base, terms, restriction);
  }

  async addVectors(space: number, vectors: readonly PassageVector[]): Promise<void> {
    await this.#writing(() => this.#vectors.add(space, vectors));
    this.#hasNewVectors = true;
  }

  async dropSpace(space: number): Promise<void> {
    await this.#writing(() => this.#vectors.dropSpace(space));
    this.#hasNewVectors = true;
  }

  async withoutVector(space: number, passages: readonly number[]): Promise<number[]> {
    await this.ready();
    return await this.#vectors.without(space, passages);
  }

  async countVectors(space: number): Promise<number> {
    this.#requireState();
    return await this.#vectors.count(space);
  }

  async vectorsOf(space: number, passages: readonly number[]): Promise<PassageVector[]> {
    this.#requireState();
    return await this.#vectors.read(space, passages);
  }

  async byVector(space: number, vector: Float32Array, restriction: Restriction): Promise<Found[]> {
    this.#requireState();
    return await this.#vectors.find(space, vector, restriction);
  }

  async cosines(space: number, vector: Float32Array, passages: readonly number[]): Promise<Map<number, number>> {
    this.#requireState();
    return await this.#vectors.cosines(space, vector, passages);
  }

  async lackOfVectors(): Promise<string | undefined> {
    this.#requireState();
    return (await this.#vectors.isThere()) ? undefined : withoutPgvector(this.#connection.name);
  }

  /** Brings the tables and what is in them up to date, when they are not. */
  async ready(): Promise<void> {
    if (this.#isReady) return;
    const { schema } = openState(this.#database);
    await prepareSchema(this.#connection, schema);
    if (!(await this.#isCurrent())) await this.#repair(schema);
    this.#isReady = true;
  }

  /** What was written is there from now on, whatever happens; unless the rows are not, which the token tells then. */
  async commit(): Promise<void> {
    if (!this.#connection.isInTransaction) return;
    try {
      await this.#keepToken();
      await this.#connection.commit();
    } catch (error) {
      await this.rollback();
      throw error;
    }
    if (this.#hasNewVectors && (await this.#vectors.isThere())) this.#tend();
    this.#hasNewVectors = false;
  }

  /** The next transaction looks again whether rows and index are of one state: this one may have ended in between. */
  async rollback(): Promise<void> {
    this.#isReady = false;
    if (this.#connection.isInTransaction) await this.#connection.rollback();
  }

  async close(): Promise<void> {
    await this.#tending;
    await this.#connection.close();
  }

  async #writing(write: () => Promise<void>): Promise<void> {
    if (this.#connection.isInTransaction) return await write();
    if (!this.#database.open().isTransaction) {
      // Called on its own, it is a transaction of its own.
      return await transaction(this.#database, () => this.#writing(write), this);
    }
    await this.#connection.begin();
    if (!(await this.#isCurrent("FOR UPDATE"))) {
      await this.rollback();
      throw new PunaError(503, "the index in PostgreSQL is not what it was a moment ago: try again", { code: INDEX_UNREACHABLE });
    }
    await write();
  }

  async #isCurrent(lock = ""): Promise<boolean> {
    const [row] = await this.#connection.query(`SELECT version, token FROM state ${lock}`);
    if (Number(row?.version) !== SCHEMA_VERSION) {
      throw new PunaError(503, `the index in PostgreSQL (${this.#connection.name}) was made by another version of Puna`, {
        code: INDEX_UNREACHABLE,
      });
    }
    const token = readState(this.#database)?.token;
    return token !== undefined && row?.token === token;
  }

  /** Half an index would find half, and nobody would know. */
  async #checkSearchable(): Promise<void> {
    this.#requireState();
    const rows = await this.#connection.query("SELECT 1 FROM state WHERE token IS NOT NULL");
    if (rows.length === 0) throw this.#unready();
  }

  /** Until the writer has made its tables, a connection would not know where to look. */
  #requireState(): void {
    if (!readState(this.#database)) throw this.#unready();
  }

  #unready(): PunaError {
    const what = `the index in PostgreSQL (${this.#connection.name}) is being brought up to date`;
    return new PunaError(503, `${what}: try again in a moment`, { code: INDEX_UNREACHABLE });
  }

  async #keepToken(): Promise<void> {
    const token = randomUUID();
    keepToken(this.#database, token);
    await this.#connection.query("UPDATE state SET token = $1", [token]);
  }

  async #repair(schema: string): Promise<void> {
    const connection = this.#connection;
    const [lock, key] = ["hashtextextended($1, 1)", [schema]];
    await connection.query(`SELECT pg_advisory_lock(${lock})`, key);
    try {
      // Another process may have done it meanwhile.
      if (await this.#isCurrent()) return;
      log.info("the index in PostgreSQL is brought up to date", { database: connection.name });
      await connection.query("UPDATE state SET token = NULL");
      await repairIndex(this.#database, { connection, words: this.#words, vectors: this.#vectors });
      await this.#agree();
      log.info("the index in PostgreSQL is up to date", { database: connection.name });
    } finally {
      await connection.query(`SELECT pg_advisory_unlock(${lock})`, key).catch(() => {});
    }
  }

  /** Gives both the same token. */
  async #agree(): Promise<void> {
    const isInside = this.#database.open().isTransaction;
    if (isInside) return await this.#keepToken();
    this.#database.open().exec("BEGIN IMMEDIATE");
    try {
      await this.#keepToken();
      this.#database.open().exec("COMMIT");
    } catch (error) {
      if (this.#database.open().isTransaction) this.#database.open().exec("ROLLBACK");
      throw error;
    }
  }

  #tend(): void {
    if (this.#tending) return;
    const connection = this.#connect(QUERY_MS.write * 6);
    this.#tending = tendIndexes(connection, this.#options.manyVectors ?? MANY_VECTORS)
      .catch((error) => log.warn("the indexes in PostgreSQL were not looked after", { error: messageOf(error) }))
      .finally(async () => {
        await connection.close();
        this.#tending = undefined;
      });
  }

  #connect(queryMs: number): Connection {
    const database = this.#database;
    return new Connection({
      url: this.#options.url,
      queryMs,
      async prepare(query) {
        const [extension] = await query(
          "SELECT quote_ident(n.nspname) AS schema FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace WHERE e.extname = 'vector'",
        );
        const own = readState(database)?.schema;
        await query(`SET search_path TO ${[...(own ? [`"${own}"`] : []), String(extension?.schema ?? "public")].join(", ")}`);
        // Compiling a query takes longer than running one of these.
        await query("SET jit = off");
      },
    });
  }
}
