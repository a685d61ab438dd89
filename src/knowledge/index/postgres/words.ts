/**
 * The words of each base as postings: one row for a term in a passage. PostgreSQL's own ranking knows neither how rare a word is in a
 * base nor how long its passages are, so BM25 is computed here, to the same scores as in SQLite.
 */
import { createHash } from "node:crypto";
import { BM25, FIELD_WEIGHTS } from "../bm25.ts";
import type { Found, PassageWords, Restriction, TermCount, WordsQuery } from "../types.ts";
import type { Connection } from "./connection.ts";

/** Looking a frequent term up takes as long as finding it. Counts may be this much out of date. */
const COUNTS_STALE_SHARE = 0.05;
/** The last character there is: what begins with a term lies between the term and the term with this after it. */
const LAST = "\u{10FFFF}";
/** Rows a statement: a parameter of some hundred kilobytes. */
const ROWS = 5000;

const POSTINGS = `FROM unnest($2::text[], $3::text[]) WITH ORDINALITY AS w (low, high, n)
  CROSS JOIN LATERAL (SELECT * FROM postings WHERE base = $1 AND term BETWEEN w.low AND w.high) AS p`;
const OF_TERMS = `SELECT w.n, p.passage, p.document, p.frequency::float8 AS frequency, p.tokens::float8 AS tokens ${POSTINGS}`;
/** Several terms that begin alike may stand in one passage: together they are one. */
const OF_BEGINNINGS = `SELECT w.n, p.passage, p.document, sum(p.frequency)::float8 AS frequency, min(p.tokens)::float8 AS tokens ${POSTINGS}
  GROUP BY w.n, p.passage, p.document`;

const find = (hits: string) => `
  WITH hits AS MATERIALIZED (${hits}), weights AS (
    SELECT n, greatest(ln((b.passages - count(*) + 0.5::float8) / (count(*) + 0.5::float8)), 1e-6) AS weight,
      b.tokens::float8 / b.passages AS mean
    FROM hits CROSS JOIN (SELECT * FROM bases WHERE base = $1) AS b GROUP BY n, b.passages, b.tokens
  )
  SELECT passage, sum(weight * frequency * ${BM25.k1 + 1} / (frequency + ${BM25.k1} * (${1 - BM25.b} + ${BM25.b} * tokens / mean))) AS score
  FROM hits JOIN weights USING (n) WHERE $4::bigint[] IS NULL OR document = ANY ($4)
  GROUP BY passage ORDER BY score DESC, passage LIMIT $5`;
const FIND = { terms: find(OF_TERMS), beginnings: find(OF_BEGINNINGS) };

interface Counts {
  passages: number;
  terms: Map<string, number>;
}

interface Posting {
  term: string;
  passage: number;
  document: number;
  frequency: number;
  tokens: number;
}

export class PostgresWords {
  readonly #connection: Connection;
  readonly #counts = new Map<number, Counts>();

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  async add(base: number, passages: readonly PassageWords[]): Promise<void> {
    await this.remove(
      base,
      passages.map(({ passage }) => passage),
    );
    const counted = passages.map((words) => ({ words, terms: frequencies(words) }));
    const rows = counted.map(({ words, terms: { tokens } }) => ({ passage: words.passage, tokens, digest: digestOf(words) }));
    await this.#connection.query(
      "INSERT INTO passages (base, passage, tokens, digest) SELECT $1, * FROM unnest($2::bigint[], $3::integer[], $4::bigint[])",
      [base, rows.map((row) => row.passage), rows.map((row) => row.tokens), rows.map((row) => row.digest)],
    );
    const postings = counted.flatMap(({ words: { passage, document }, terms: { tokens, byTerm } }) =>
      [...byTerm].map(([term, frequency]) => ({ term, passage, document, frequency, tokens })),
    );
    for (let at = 0; at < postings.length; at += ROWS) await this.#insert(base, postings.slice(at, at + ROWS));
    await this.#grow(
      base,
      rows.length,
      rows.reduce((sum, { tokens }) => sum + tokens, 0),
    );
  }

  async remove(base: number, passages: readonly number[]): Promise<void> {
    const gone = await this.#connection.query("DELETE FROM passages WHERE passage = ANY ($1::bigint[]) RETURNING tokens", [
      passages,
    ]);
    if (gone.length === 0) return;
    await this.#connection.query("DELETE FROM postings WHERE passage = ANY ($1::bigint[])", [passages]);
    await this.#grow(base, -gone.length, -gone.reduce((sum, { tokens }) => sum + Number(tokens), 0));
  }

  async drop(base: number): Promise<void> {
    await this.#connection.query("DELETE FROM postings WHERE base = $1", [base]);
    await this.#connection.query("DELETE FROM passages WHERE base = $1", [base]);
    await this.#connection.query("DELETE FROM bases WHERE base = $1", [base]);
    this.#counts.delete(base);
  }

  async count(base: number, terms: readonly WordsQuery[]): Promise<{ terms: TermCount[]; passages: number }> {
    const [row] = await this.#connection.query("SELECT passages FROM bases WHERE base = $1", [base]);
    const passages = Number(row?.passages ?? 0);
    const counts = this.#current(base, passages);
    const unknown = terms.filter(({ term, isPrefix }) => !isPrefix && !counts.terms.has(term)).map(({ term }) => term);
    if (unknown.length > 0 && passages > 0) {
      const rows = await this.#connection.query(
        `SELECT term, (SELECT count(*) FROM postings p WHERE p.base = $1 AND p.term = w.term) AS n FROM unnest($2::text[]) AS w (term)`,
        [base, unknown],
      );
      for (const { term, n } of rows) counts.terms.set(String(term), Number(n));
    }
    const countOf = ({ term, isPrefix }: WordsQuery) => (isPrefix ? passages : Math.min(counts.terms.get(term) ?? 0, passages));
    return { passages, terms: terms.map((query) => ({ ...query, passages: countOf(query) })) };
  }

  async find(base: number, terms: readonly WordsQuery[], { limit, documents }: Restriction): Promise<Found[]> {
    if (terms.length === 0) return [];
    const rows = await this.#connection.query(terms.some(({ isPrefix }) => isPrefix) ? FIND.beginnings : FIND.terms, [
      base,
      terms.map(({ term }) => term),
      terms.map(({ term, isPrefix }) => (isPrefix ? `${term}${LAST}` : term)),
      documents ?? null,
      limit,
    ]);
    return rows.map(({ passage, score }) => ({ passage: Number(passage), score: Number(score) }));
  }

  #current(base: number, passages: number): Counts {
    const known = this.#counts.get(base);
    if (known && Math.abs(known.passages - passages) <= known.passages * COUNTS_STALE_SHARE) return known;
    const fresh = { passages, terms: new Map<string, number>() };
    this.#counts.set(base, fresh);
    return fresh;
  }

  async #insert(base: number, postings: readonly Posting[]): Promise<void> {
    await this.#connection.query(
      `INSERT INTO postings (base, term, passage, document, frequency, tokens)
       SELECT $1, * FROM unnest($2::text[], $3::bigint[], $4::bigint[], $5::real[], $6::integer[])`,
      [
        base,
        postings.map(({ term }) => term),
        postings.map(({ passage }) => passage),
        postings.map(({ document }) => document),
        postings.map(({ frequency }) => frequency),
        postings.map(({ tokens }) => tokens),
      ],
    );
  }

  async #grow(base: number, passages: number, tokens: number): Promise<void> {
    await this.#connection.query(
      `INSERT INTO bases AS b (base, passages, tokens) VALUES ($1, $2, $3)
       ON CONFLICT (base) DO UPDATE SET passages = b.passages + $2, tokens = b.tokens + $3`,
      [base, passages, tokens],
    );
  }
}

/** How often each term is there, and how many terms there are in all. */
function frequencies(words: PassageWords): { byTerm: Map<string, number>; tokens: number } {
  const byTerm = new Map<string, number>();
  let tokens = 0;
  for (const field of ["title", "headings", "body"] as const) {
    for (const term of words[field].split(" ")) {
      if (term === "") continue;
      byTerm.set(term, (byTerm.get(term) ?? 0) + FIELD_WEIGHTS[field]);
      tokens++;
    }
  }
  return { byTerm, tokens };
}

/** 64 bits that tell a passage's words from others, as PostgreSQL's bigint is written. */
export function digestOf({ title, headings, body }: Pick<PassageWords, "title" | "headings" | "body">): string {
  return createHash("sha256").update([title, headings, body].join("\0")).digest().readBigInt64BE().toString();
}
