/** One connection to PostgreSQL: made when it is first needed, made again when it was lost, its errors told without the password. */
import type { Client } from "pg";
import { codeOf, Failed, messageOf, PunaError } from "../../../errors.ts";
import { INDEX_UNREACHABLE } from "../types.ts";

const CONNECT_MS = 10_000;

export type Row = Record<string, unknown>;

export interface ConnectionOptions {
  /** `postgres://user:password@host:5432/database`. */
  url: string;
  /** How long one statement may take, in milliseconds. */
  queryMs: number;
  /** What every new connection is told first. */
  prepare?: (query: (text: string, values?: readonly unknown[]) => Promise<Row[]>) => Promise<void>;
}

export class Connection {
  /** Host and database, as users may read it. */
  readonly name: string;
  readonly #options: ConnectionOptions;
  #client: Client | undefined;
  #isInTransaction = false;

  /** Throws Failed for a URL that is none. */
  constructor(options: ConnectionOptions) {
    this.#options = options;
    this.name = nameOf(options.url);
  }

  get isInTransaction(): boolean {
    return this.#isInTransaction;
  }

  /** Its rows. A connection that was lost while it was idle is made anew. Throws PunaError 503 when there is none to be had. */
  async query(text: string, values: readonly unknown[] = []): Promise<Row[]> {
    const isFresh = this.#client === undefined;
    try {
      return await this.#ask(await this.#open(), text, values);
    } catch (error) {
      // Whatever a transaction had done is lost with its connection.
      if (isFresh || this.#isInTransaction || this.#client !== undefined || !isLost(error)) throw this.#told(error);
    }
    try {
      return await this.#ask(await this.#open(), text, values);
    } catch (error) {
      throw this.#told(error);
    }
  }

  async begin(): Promise<void> {
    await this.query("BEGIN");
    this.#isInTransaction = true;
  }

  async commit(): Promise<void> {
    try {
      await this.query("COMMIT");
    } finally {
      this.#isInTransaction = false;
    }
  }

  /** Never rejects: a connection that is gone has rolled back by itself. */
  async rollback(): Promise<void> {
    this.#isInTransaction = false;
    if (this.#client === undefined) return;
    await this.query("ROLLBACK").catch(() => this.close());
  }

  /** All that `change` writes, or none of it. */
  async transaction(change: () => Promise<void>): Promise<void> {
    await this.begin();
    try {
      await change();
      await this.commit();
    } catch (error) {
      await this.rollback();
      throw error;
    }
  }

  async close(): Promise<void> {
    const client = this.#client;
    this.#client = undefined;
    this.#isInTransaction = false;
    await client?.end().catch(() => {});
  }

  async #open(): Promise<Client> {
    if (this.#client) return this.#client;
    if (this.#isInTransaction) throw new Error("Connection terminated");
    const { url, queryMs, prepare } = this.#options;
    // Not before: a server whose bases are never asked need not hold the driver in memory.
    const { default: pg } = await import("pg");
    const client = new pg.Client({
      connectionString: url,
      application_name: "puna",
      connectionTimeoutMillis: CONNECT_MS,
      query_timeout: queryMs,
      keepAlive: true,
    });
    client.on("error", () => this.#forget(client));
    client.on("end", () => this.#forget(client));
    try {
      await client.connect();
      await prepare?.((text, values) => this.#ask(client, text, values));
    } catch (error) {
      client.end().catch(() => {});
      throw error;
    }
    this.#client = client;
    return client;
  }

  async #ask(client: Client, text: string, values: readonly unknown[] = []): Promise<Row[]> {
    try {
      return (await client.query<Row>(text, [...values])).rows;
    } catch (error) {
      if (isLost(error)) {
        this.#forget(client);
        client.end().catch(() => {});
      }
      throw error;
    }
  }

  #forget(client: Client): void {
    if (this.#client === client) this.#client = undefined;
  }

  #told(error: unknown): PunaError {
    if (error instanceof PunaError) return error;
    const reason = reasonOf(error);
    if (reason === undefined) return new Failed(`PostgreSQL (${this.name}): ${messageOf(error)}`, { cause: error });
    return new PunaError(503, `the index of the knowledge bases cannot be reached: PostgreSQL (${this.name}) ${reason}`, {
      cause: error,
      code: INDEX_UNREACHABLE,
    });
  }
}

/** What PUNA_PG_URL says, without user and password. Throws Failed, which does not repeat it. */
export function nameOf(url: string): string {
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  if (!parsed || !/^postgres(ql)?:$/.test(parsed.protocol)) {
    throw new Failed("PUNA_PG_URL is no address of a PostgreSQL database: write it as postgres://user@host:5432/database");
  }
  const host = parsed.hostname || parsed.searchParams.get("host") || "localhost";
  return `${host}:${parsed.port || 5432}/${decodeURIComponent(parsed.pathname.slice(1)) || parsed.username}`;
}

const REASONS: Record<string, string> = {
  ECONNREFUSED: "refuses connections: start it, or correct PUNA_PG_URL",
  ENOTFOUND: "has no address: correct the host in PUNA_PG_URL",
  ENOENT: "is not there: start it, or correct PUNA_PG_URL",
  EAI_AGAIN: "has no address at the moment: look at the network, or correct the host in PUNA_PG_URL",
  ETIMEDOUT: "does not answer",
  EHOSTUNREACH: "cannot be reached from this machine",
  ECONNRESET: "broke the connection off",
  EPIPE: "broke the connection off",
  "28P01": "does not accept the password of PUNA_PG_URL",
  "28000": "does not let this user in: correct PUNA_PG_URL, or its pg_hba.conf",
  "3D000": "has no such database: create it, or correct PUNA_PG_URL",
  "53300": "has too many connections open",
  "57P01": "was shut down",
  "57P02": "broke down",
  "57P03": "is just starting",
  "42501": "does not give this user the rights it needs: it must be allowed to create a schema in the database",
};

function reasonOf(error: unknown): string | undefined {
  const code = codeOf(error) ?? "";
  const known = REASONS[code];
  if (known !== undefined) return known;
  // Several addresses were tried, each in vain.
  if (error instanceof AggregateError) return reasonOf(error.errors[0]);
  if (/^08/.test(code)) return "broke the connection off";
  const message = messageOf(error);
  if (/timeout/i.test(message)) return "does not answer in time";
  if (/terminated|not queryable|\b(closed|ended)\b/i.test(message)) return "broke the connection off";
  if (/ssl|tls|certificate/i.test(message)) return `cannot be spoken to with encryption: ${message}`;
  if (/password/i.test(message)) return "asks for a password, and PUNA_PG_URL has none";
  return undefined;
}

/** Whether the connection is of no more use. */
function isLost(error: unknown): boolean {
  const isOfServer = error instanceof Error && "severity" in error && "code" in error;
  // A statement that PostgreSQL itself refused leaves the connection as it is; what ends it are the classes 08 and 57P.
  return isOfServer ? /^(08|57P)/.test(String(error.code)) : reasonOf(error) !== undefined;
}
