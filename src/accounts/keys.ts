/** API keys: named, revocable, with an end if wanted. A key is shown once; only its hash is kept. */
import { createHash, randomBytes, timingSafeEqual } from "node:crypto";
import { Invalid, NotFound, PunaError } from "../errors.ts";
import type { Connection, Database } from "../store/db.ts";
import { type Grant, parseModelPatterns, parseScopes, type Scope } from "./grant.ts";

/** Makes a key recognisable to people and to scanners that look for leaked ones. */
const PREFIX = "puna_";
const TOKEN = /^puna_([0-9a-f]{8})_[0-9a-f]{48}$/;
const NAME = /^[^\p{C}]{1,80}$/u;
/** `lastUsedAt` is this exact, so that a busy key costs one write a minute. */
const LAST_USED_MS = 60_000;

export interface ApiKey extends Grant {
  /** The public part, by which it may be revoked. */
  id: string;
  /** Milliseconds since 1970. */
  createdAt: number;
  expiresAt: number | undefined;
  revokedAt: number | undefined;
  lastUsedAt: number | undefined;
  /** SHA-256 in hex of the public key of a registry client that stands for this key. */
  client: string | undefined;
}

export interface NewKey {
  name: string;
  scopes?: readonly string[];
  models?: readonly string[];
  /** From now, in milliseconds. Without it the key does not expire. */
  expiresInMs?: number;
  client?: string;
}

/** Why a key does not count. */
export type Fault = "unknown" | "expired" | "revoked";

/** Keys in the database. Several processes may share it: what one revokes is void for the others at once. */
export class ApiKeys {
  readonly #database: Database;
  readonly #now: () => number;
  /** When a use was last written, or tried to be, by key. */
  readonly #noted = new Map<string, number>();

  constructor(database: Database, options: { now?: () => number } = {}) {
    this.#database = database;
    this.#now = options.now ?? Date.now;
  }

  /** Whether a text has the form of a key of ours, so that it is not some other service's. */
  static looksLikeOurs(token: string): boolean {
    return token.startsWith(PREFIX);
  }

  /** Makes a key. The token is what its owner sends, and is nowhere kept. Throws Invalid, or PunaError 409 for a name in use. */
  create(wanted: NewKey): { key: ApiKey; token: string } {
    const name = wanted.name.trim();
    if (!NAME.test(name)) throw new Invalid("a key needs a name of 1 to 80 printable characters");
    const granted = parseScopes(wanted.scopes ?? ["inference"]);
    const models = wanted.models && wanted.models.length > 0 ? parseModelPatterns(wanted.models) : undefined;
    if (models && granted.some((scope) => scope === "models" || scope === "admin")) {
      throw new Invalid(
        "a key for some models only cannot manage models: give it the scopes inference, knowledge and registry, or no model list",
      );
    }
    const { expiresInMs } = wanted;
    if (expiresInMs !== undefined && !(expiresInMs > 0)) throw new Invalid("a key must expire in the future");
    const createdAt = this.#now();
    const expiresAt = expiresInMs === undefined ? null : Math.round(createdAt + expiresInMs);
    if (expiresAt !== null && !Number.isSafeInteger(expiresAt)) throw new Invalid("a key cannot last that long");
    return this.#database.transaction((connection) => {
      if (connection.prepare("SELECT 1 FROM api_keys WHERE name = ? AND revoked_at IS NULL").get(name)) {
        throw new PunaError(409, `there is a key ${JSON.stringify(name)} already: revoke it first, or choose another name`);
      }
      const id = freeId(connection);
      const token = `${PREFIX}${id}_${randomBytes(24).toString("hex")}`;
      connection
        .prepare(
          "INSERT INTO api_keys (id, name, hash, scopes, models, client, created_at, expires_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        )
        .run(
          id,
          name,
          hashOf(token),
          JSON.stringify(granted),
          models ? JSON.stringify(models) : null,
          wanted.client ?? null,
          createdAt,
          expiresAt,
        );
      const row = connection.prepare("SELECT * FROM api_keys WHERE id = ?").get(id);
      return { key: fromRow(row), token };
    });
  }

  /** All keys, also those that count no more, in the order they were made. */
  list(): ApiKey[] {
    if (!this.#database.exists()) return [];
    return this.#database.open().prepare("SELECT * FROM api_keys ORDER BY created_at, rowid").all().map(fromRow);
  }

  /** Ends a key, by its name or id, at once. Throws NotFound. */
  revoke(nameOrId: string): ApiKey {
    const missing = new NotFound(`there is no key ${JSON.stringify(nameOrId)} (see 'puna key list')`);
    if (!this.#database.exists()) throw missing;
    const now = this.#now();
    return this.#database.transaction((connection) => {
      const row = connection
        .prepare("SELECT id FROM api_keys WHERE revoked_at IS NULL AND (name = ?1 OR id = ?1) ORDER BY name = ?1 DESC LIMIT 1")
        .get(nameOrId.trim());
      if (!row) throw missing;
      connection.prepare("UPDATE api_keys SET revoked_at = ? WHERE id = ?").run(now, String(row.id));
      return fromRow(connection.prepare("SELECT * FROM api_keys WHERE id = ?").get(String(row.id)));
    });
  }

  /** What a token gives, or why it gives nothing. Takes as long for a wrong key as for a right one. */
  check(token: string): Grant | Fault {
    const id = TOKEN.exec(token)?.[1];
    if (id === undefined || !this.#database.exists()) return "unknown";
    const row = this.#database.statement("SELECT * FROM api_keys WHERE id = ?").get(id);
    const stored = row?.hash instanceof Uint8Array ? row.hash : new Uint8Array(32);
    const isRight = timingSafeEqual(hashOf(token), stored);
    return row && isRight ? this.#use(fromRow(row)) : "unknown";
  }

  /** What the key gives that stands for a registry client's public key (its SHA-256 in hex). */
  ofClient(client: string): Grant | Fault {
    if (!this.#database.exists()) return "unknown";
    const rows = this.#database.statement("SELECT * FROM api_keys WHERE client = ? ORDER BY created_at DESC").all(client);
    const found = rows.map((row) => this.#use(fromRow(row)));
    return found.find((grant) => typeof grant !== "string") ?? found[0] ?? "unknown";
  }

  #use(key: ApiKey): Grant | Fault {
    const now = this.#now();
    if (key.revokedAt !== undefined) return "revoked";
    if (key.expiresAt !== undefined && key.expiresAt <= now) return "expired";
    const noted = Math.max(key.lastUsedAt ?? 0, this.#noted.get(key.id) ?? 0);
    if (now - noted >= LAST_USED_MS) this.#noteUse(key.id, now);
    return key;
  }

  /** Worth knowing, but neither worth failing for nor waiting for another process's turn to end. */
  #noteUse(id: string, now: number): void {
    this.#noted.set(id, now);
    this.#database.withoutWaiting((connection) =>
      connection.prepare("UPDATE api_keys SET last_used_at = ? WHERE id = ?").run(now, id),
    );
  }
}

function freeId(connection: Connection): string {
  for (;;) {
    const id = randomBytes(4).toString("hex");
    if (!connection.prepare("SELECT 1 FROM api_keys WHERE id = ?").get(id)) return id;
  }
}

/** 192 random bits need no slow hash: there is nothing to guess. */
function hashOf(token: string): Uint8Array {
  return createHash("sha256").update(token).digest();
}

function fromRow(row: Record<string, unknown> | undefined): ApiKey {
  const optional = (value: unknown) => (typeof value === "number" ? value : undefined);
  return {
    id: String(row?.id),
    name: String(row?.name),
    scopes: JSON.parse(String(row?.scopes)) as Scope[],
    models: typeof row?.models === "string" ? (JSON.parse(row.models) as string[]) : undefined,
    createdAt: Number(row?.created_at),
    expiresAt: optional(row?.expires_at),
    revokedAt: optional(row?.revoked_at),
    lastUsedAt: optional(row?.last_used_at),
    client: typeof row?.client === "string" ? row.client : undefined,
  };
}
