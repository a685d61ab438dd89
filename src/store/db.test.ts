/** The database file: made private, brought up to date, refused with a sentence when it cannot be used. */
import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { Failed } from "../errors.ts";
import { Database } from "./db.ts";
import { migrations } from "./migrations/index.ts";

let home: string;
const opened: Database[] = [];
beforeEach(() => {
  home = path.join(mkdtempSync(path.join(os.tmpdir(), "puna-db-")), "home");
});
afterEach(() => {
  for (const database of opened.splice(0)) database.close();
  rmSync(path.dirname(home), { recursive: true, force: true });
});

function at(folder = home, known = migrations): Database {
  const database = new Database(folder, known);
  opened.push(database);
  return database;
}
const one = { version: 1, sql: "CREATE TABLE a (x TEXT) STRICT; INSERT INTO a VALUES ('kept')" };
const two = { version: 2, sql: "ALTER TABLE a ADD COLUMN y INTEGER NOT NULL DEFAULT 7" };

test("nothing is written before it is used", () => {
  const database = at();
  expect(database.exists()).toBe(false);
  expect(existsSync(home)).toBe(false);
  database.open();
  expect(database.exists()).toBe(true);
});

test.skipIf(process.platform === "win32")("its files are for their owner alone", () => {
  const database = at();
  database.open().exec("CREATE TABLE t (x)");
  const mode = (file: string) => statSync(file).mode & 0o777;
  expect([home, database.file, `${database.file}-wal`, `${database.file}-shm`].map(mode)).toEqual([0o700, 0o600, 0o600, 0o600]);
  database.close();
  chmodSync(database.file, 0o644);
  at().open();
  expect(mode(database.file)).toBe(0o600);
});

test("the released migrations are numbered from 1", () => {
  expect(migrations.map(({ version }) => version)).toEqual(migrations.map((_, i) => i + 1));
  expect(at().open().prepare("PRAGMA user_version").get()).toEqual({ user_version: migrations.length });
  expect(at().open().prepare("PRAGMA journal_mode").get()).toEqual({ journal_mode: "wal" });
});

test("an older file is brought up to date, and keeps what it has", () => {
  at(home, [one]).open();
  const rows = at(home, [one, two]).open().prepare("SELECT * FROM a").all();
  expect(rows).toEqual([{ x: "kept", y: 7 }]);
});

test("a migration that fails leaves the file as it was", () => {
  at(home, [one]).open();
  const broken = { version: 2, sql: "CREATE TABLE b (x); INSERT INTO nowhere VALUES (1)" };
  expect(() => at(home, [one, broken]).open()).toThrow(Failed);
  const connection = at(home, [one]).open();
  expect(connection.prepare("SELECT name FROM sqlite_schema WHERE type = 'table'").all()).toEqual([{ name: "a" }]);
});

test("a file of a newer Puna is refused and left alone", () => {
  at(home, [one, two]).open();
  expect(() => at(home, [one]).open()).toThrow(
    /^the database .*puna\.db was written by a newer Puna \(schema 2, this one knows 1\): update Puna, or set PUNA_HOME to another folder$/,
  );
  expect(at(home, [one, two]).open().prepare("SELECT y FROM a").all()).toEqual([{ y: 7 }]);
});

test("what is no database, or cannot be one, is said in a sentence", () => {
  mkdirSync(home);
  writeFileSync(path.join(home, "puna.db"), "a page of text, not a database. ".repeat(99));
  expect(() => at().open()).toThrow(/puna\.db: it is not a database; move it away to begin anew$/);
  expect(() => at(path.join(home, "puna.db")).open()).toThrow(/PUNA_HOME to a folder$/);
  mkdirSync(path.join(home, "other", "puna.db"), { recursive: true });
  expect(() => at(path.join(home, "other")).open()).toThrow(/it is a folder; move it away$/);
});

test("a transaction is all or nothing", () => {
  const database = at(home, [one]);
  expect(database.transaction((connection) => connection.prepare("INSERT INTO a VALUES ('b')").run().changes)).toBe(1);
  const failing = () =>
    database.transaction((connection) => {
      connection.exec("DELETE FROM a");
      throw new Error("no");
    });
  expect(failing).toThrow("no");
  expect(database.open().prepare("SELECT count(*) AS n FROM a").get()).toEqual({ n: 2 });
});
