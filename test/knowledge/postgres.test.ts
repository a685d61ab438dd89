/** Bases whose index is in PostgreSQL, without pgvector as Debian has it: what dies, is away, is restored or exchanged on either side ends in the same state. */
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import pg from "pg";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { PostgresIndex } from "../../src/knowledge/index/postgres/index.ts";
import { passagesOf } from "../../src/knowledge/rows/documents.ts";
import { search } from "../../src/knowledge/search.ts";
import { transaction } from "../../src/knowledge/transaction.ts";
import { hasPostgres, type Postgres, postgresHint, startPostgres } from "../fixtures/postgres.ts";
import { indexContract } from "./index-contract.ts";
import { hashEmbedder, type OpenStore, openStore } from "./open-store.ts";

const FILES: Record<string, string> = {
  "llamas.md": "# Llamas\n\nThe llama lives in the high grassland.\n\n## Wool\n\nIts wool is warm and light.\n",
  "羊驼.md": "# 羊驼\n\n羊驼的毛又轻又暖。\n",
  "hills.txt": "The hill is covered with snow in June. Nobody climbs it.\n",
};
const MORE: Record<string, string> = { "boats.txt": "Reed boats cross the lake in a day.\n" };

describe.skipIf(!hasPostgres)(`bases in PostgreSQL${postgresHint}`, () => {
  let postgres: Postgres;
  let opened: OpenStore;
  let base: number;
  beforeAll(async () => {
    postgres = await startPostgres();
  });
  afterAll(async () => await postgres.close());
  beforeEach(async () => {
    opened = openStore({ postgres: postgres.url });
    base = (await opened.store.create({ name: "notes" })).id;
    expect(await opened.add(base, FILES)).toMatchObject({ state: "done", items: { done: 3 } });
  });
  afterEach(async () => await opened.close());

  const found = async (query: string) => {
    const { hits } = await search(opened.store, base, { query });
    return hits.map(({ document, score }) => ({ document, score }));
  };
  const reopen = async (url: string | undefined = postgres.url) => {
    await opened.close("keep");
    opened = openStore({ home: opened.home, ...(url !== "" && { postgres: url }) });
  };
  /** Everything in the tables, without the numbers that differ from one filling to the next. */
  const contents = async () => {
    const client = new pg.Client({ connectionString: postgres.url });
    await client.connect();
    const { schema } = opened.database.open().prepare("SELECT schema FROM kb_elsewhere").get() as { schema: string };
    const rows = [];
    for (const table of ["bases ORDER BY base", "passages ORDER BY passage", "postings ORDER BY passage, term"]) {
      rows.push((await client.query(`SELECT * FROM "${schema}".${table}`)).rows);
    }
    await client.end();
    return createHash("sha256").update(JSON.stringify(rows)).digest("hex");
  };

  describe("as every index", () => {
    indexContract(
      "PostgreSQL",
      async (database) => {
        const index = new PostgresIndex(database, { url: postgres.url });
        await index.ready();
        return { index, close: async () => await index.close() };
      },
      { isTransactional: false, hasVectors: false, runs: 30 },
    );
  });

  test("without pgvector nothing is embedded, and every search says so", async () => {
    const embedder = hashEmbedder("hash");
    await opened.close("keep");
    opened = openStore({ home: opened.home, postgres: postgres.url, embedders: [embedder] });
    await opened.store.update(base, { settings: { embedder: "hash" } });
    const sentence = `PostgreSQL (127.0.0.1:${postgres.port}/postgres) has no pgvector, so it is searched by words alone: install the extension there, then run CREATE EXTENSION vector in the database`;
    expect(await opened.add(base, MORE)).toMatchObject({ state: "done", reason: sentence });
    expect(await search(opened.store, base, { query: "hill" })).toMatchObject({
      notices: [sentence],
      hits: [{ document: "hills.txt" }],
    });
    expect(embedder.calls).toBe(0);
  });

  test("the same hits and scores as with the index in SQLite", async () => {
    const plain = openStore();
    const { id } = await plain.store.create({ name: "notes" });
    await plain.add(id, FILES);
    for (const query of ["where does the llama live", "羊驼的毛", "snow on the hill", "wool", "轻", "zebra"]) {
      const { hits } = await search(plain.store, id, { query });
      expect(await found(query)).toEqual(hits.map(({ document, score }) => ({ document, score })));
    }
    await plain.close();
  });

  test("there and back again: the words are made anew from the stored texts", async () => {
    const before = await found("snow on the hill");
    await reopen("");
    await opened.store.resume();
    expect(await found("snow on the hill")).toEqual(before);
    await opened.add(base, MORE);
    await reopen();
    await opened.store.writer.readyIndex();
    expect(await found("reed boats")).toMatchObject([{ document: "boats.txt" }]);
    expect((await found("snow on the hill"))[0]).toMatchObject({ document: "hills.txt" });
  });

  test("a change whose rows were not committed is undone in PostgreSQL, one that PostgreSQL lost is made again", async () => {
    await opened.add(base, MORE);
    const whole = await contents();
    const index = new PostgresIndex(opened.database, { url: postgres.url });
    const [document] = opened.store.documents(base);
    const dying = transaction(
      opened.database,
      async () => {
        await index.remove(base, passagesOf(opened.database, document?.id ?? 0));
        opened.database.statement("DELETE FROM kb_documents WHERE id = ?").run(document?.id ?? 0);
        // What PostgreSQL has committed already, SQLite refuses to.
        opened.database.open().exec("PRAGMA defer_foreign_keys = ON; INSERT INTO kb_places VALUES (1, 'nowhere', 4711, 1, 1)");
      },
      index,
    );
    await expect(dying).rejects.toThrow("FOREIGN KEY");
    await index.close();
    expect(await contents()).not.toBe(whole);
    await reopen();
    await opened.store.resume();
    await opened.store.writer.readyIndex();
    expect(await contents()).toBe(whole);
    expect((await found("where does the llama live"))[0]).toMatchObject({ document: "llamas.md" });
  });

  test("rows of an older backup, and a database that is empty: the index becomes what the rows say", async () => {
    const old = opened.database.open().prepare("SELECT token FROM kb_elsewhere").get() as { token: string };
    const before = await contents();
    // Words that are another text's, and one passage too many.
    const client = new pg.Client({ connectionString: postgres.url });
    await client.connect();
    const { schema } = opened.database.open().prepare("SELECT schema FROM kb_elsewhere").get() as { schema: string };
    await client.query(`SET search_path TO "${schema}"`);
    await client.query("UPDATE state SET token = 'of another time'");
    await client.query("UPDATE postings SET term = 'zebra' WHERE passage = (SELECT min(passage) FROM passages)");
    await client.query("UPDATE passages SET digest = 7 WHERE passage = (SELECT min(passage) FROM passages)");
    await client.query(`INSERT INTO passages VALUES (999, ${base}, 1, 1)`);
    await client.query(`INSERT INTO postings VALUES (${base}, 'ghost', 999, 999, 1, 1)`);
    await client.query(`UPDATE bases SET passages = passages + 1, tokens = tokens + 1`);
    await client.query(`INSERT INTO passages VALUES (1000, 77, 1, 1)`);
    await client.query(`INSERT INTO bases VALUES (77, 1, 1)`);
    await reopen();
    await opened.store.writer.readyIndex();
    expect(await contents()).toBe(before);
    expect(opened.database.open().prepare("SELECT token FROM kb_elsewhere").get()).not.toEqual(old);
    await client.query(`DROP SCHEMA "${schema}" CASCADE`);
    await client.end();
    await reopen();
    await opened.store.writer.readyIndex();
    expect(await contents()).toBe(before);
  });

  test("a repair that fails half-way is done again, to the end", async () => {
    const before = await contents();
    const client = new pg.Client({ connectionString: postgres.url });
    await client.connect();
    const { schema } = opened.database.open().prepare("SELECT schema FROM kb_elsewhere").get() as { schema: string };
    await client.query(`SET search_path TO "${schema}"`);
    await client.query("DELETE FROM passages; DELETE FROM postings; DELETE FROM bases; UPDATE state SET token = 'lost'");
    await client.query(
      "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF NEW.term = 'snow' THEN RAISE 'no room'; END IF; RETURN NEW; END $$",
    );
    await client.query("CREATE TRIGGER refuse BEFORE INSERT ON postings FOR EACH ROW EXECUTE FUNCTION refuse()");
    await reopen();
    await expect(opened.store.writer.readyIndex()).rejects.toThrow("no room");
    await expect(found("hill")).rejects.toMatchObject({ status: 503 });
    await client.query("DROP TRIGGER refuse ON postings");
    await client.end();
    await opened.store.writer.readyIndex();
    expect(await contents()).toBe(before);
  });

  test("a server that is restarted while nothing is asked is not noticed", async () => {
    const before = await found("snow on the hill");
    await postgres.stop();
    await postgres.start();
    expect(await found("snow on the hill")).toEqual(before);
    await postgres.stop("kill");
    await postgres.start();
    expect(await opened.add(base, MORE)).toMatchObject({ state: "done", items: { done: 1 } });
  });

  test("a server that is away: a clear error without the password, and the work goes on when it is back", async () => {
    await postgres.stop();
    const refused = search(opened.store, base, { query: "hill" });
    await expect(refused).rejects.toMatchObject({ status: 503, code: "index_unreachable" });
    await expect(refused).rejects.toThrow(
      `the index of the knowledge bases cannot be reached: PostgreSQL (127.0.0.1:${postgres.port}/postgres) refuses connections`,
    );
    const job = await opened.add(base, MORE);
    expect(job).toMatchObject({ state: "failed", items: { waiting: 1, failed: 0 } });
    expect(job.reason).toContain("refuses connections");
    expect(job.reason).not.toMatch(/s3cret|puna:/);
    await postgres.start();
    await opened.store.retry(job.id);
    expect(await opened.store.importer.wait(job.id)).toMatchObject({ state: "done", items: { done: 1 } });
    expect(await found("reed boats")).toMatchObject([{ document: "boats.txt" }]);
  });

  test("a server that dies in the middle of a transaction takes nothing half with it", async () => {
    const before = await contents();
    const index = new PostgresIndex(opened.database, { url: postgres.url });
    const dying = transaction(
      opened.database,
      async () => {
        const [document] = opened.store.documents(base);
        await index.remove(base, passagesOf(opened.database, document?.id ?? 0));
        opened.database.statement("DELETE FROM kb_documents WHERE id = ?").run(document?.id ?? 0);
        await postgres.stop("kill");
      },
      index,
    );
    await expect(dying).rejects.toMatchObject({ status: 503 });
    await index.close();
    expect(opened.store.documents(base)).toHaveLength(3);
    await postgres.start();
    await opened.store.writer.readyIndex();
    expect(await contents()).toBe(before);
  });

  test("an import that is killed three times ends with the index that its documents ask for", async () => {
    const work = mkdtempSync(path.join(os.tmpdir(), "puna-killed-postgres-"));
    const folder = path.join(work, "documents");
    mkdirSync(folder);
    const text = (i: number) =>
      Array.from({ length: 40 }, (_, j) => `Sentence ${j} of document ${i} is about hill ${(i * 7 + j) % 50}.`);
    for (let i = 0; i < 30; i++) writeFileSync(path.join(folder, `${String(i).padStart(2, "0")}.txt`), text(i).join(" "));
    const home = path.join(work, "home");
    const child = fileURLToPath(new URL("../fixtures/import-child.mjs", import.meta.url));
    const start = (killAt?: string) => {
      const env = { ...process.env, PUNA_PG_URL: postgres.url };
      const running = spawn(process.execPath, [child, home, folder], { env, stdio: ["ignore", "pipe", "ignore"] });
      let said = "";
      running.stdout.setEncoding("utf8").on("data", (some: string) => {
        said += some;
        if (killAt !== undefined && said.includes(killAt)) setTimeout(() => running.kill("SIGKILL"), 300 + Math.random() * 400);
      });
      return new Promise<string>((resolve) => running.once("exit", () => resolve(said)));
    };
    for (let kill = 0; kill < 3; kill++) await start("adding");
    expect(await start()).toMatch(/done \n$/);
    await opened.close();
    opened = openStore({ home, postgres: postgres.url });
    base = opened.store.list()[0]?.id ?? 0;
    expect(opened.store.byId(base)).toMatchObject({ documents: 30 });
    const asItEnded = await contents();
    // As if it were of another state: every passage is looked at, and what is wrong would be made again.
    opened.database.open().exec("UPDATE kb_elsewhere SET token = NULL");
    await opened.store.writer.readyIndex();
    expect(await contents()).toBe(asItEnded);
    expect((await found("document 17 hill"))[0]).toMatchObject({ document: "17.txt" });
    rmSync(work, { recursive: true, force: true });
  });

  test("removed bases leave nothing", async () => {
    const empty = createHash("sha256").update("[[],[],[]]").digest("hex");
    await opened.store.remove(base);
    expect(await contents()).toBe(empty);
  });

  test.each([
    ["a wrong password", (url: string) => url.replace(/:[^:@/]*@/, ":wr0ng@"), "does not accept the password"],
    ["no password", (url: string) => url.replace(/:[^:@/]*@/, "@"), "asks for a password"],
    ["no such database", (url: string) => url.replace(/postgres$/, "nowhere"), "has no such database"],
    ["no such host", () => "postgres://puna:wr0ng@nowhere.invalid/postgres", "has no address"],
    ["encryption that is not there", (url: string) => `${url}?sslmode=require`, "cannot be spoken to with encryption"],
  ])("%s is said, and no password", async (_, change, reason) => {
    await reopen(change(postgres.url));
    const error = await opened.store.writer.readyIndex().catch((caught: Error) => caught);
    expect(error).toMatchObject({ status: 503, code: "index_unreachable" });
    expect(String(error)).toContain(reason);
    expect(String(error)).not.toMatch(/s3cret|wr0ng/);
  });

  test("an address that is none keeps the server from starting, and is not repeated", () => {
    for (const postgres of ["localhost:5432", "mysql://me:s3cret@host/db", "postgres//me:s3cret@host"]) {
      expect(() => openStore({ postgres })).toThrow(/^PUNA_PG_URL is no address of a PostgreSQL database: (?!.*s3cret)/);
    }
  });

  test("in threads, as in the product", async () => {
    await opened.close("keep");
    opened = openStore({ home: opened.home, postgres: postgres.url, threads: true });
    expect(await opened.add(base, MORE)).toMatchObject({ state: "done" });
    expect(await found("reed boats")).toMatchObject([{ document: "boats.txt" }]);
  });
});
