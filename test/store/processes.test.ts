/** Several processes open one new database at the same moment, migrate it once and write to it together. */
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { Database } from "../../src/store/db.ts";

const built = fileURLToPath(new URL("../../dist/store/db.js", import.meta.url));
const PROCESSES = 4;
const ROWS = 50;

const script = `
  const [, home, name] = process.argv;
  const { Database } = await import(${JSON.stringify(new URL(`file://${built}`).href)});
  process.stdout.write("ready");
  await new Promise((resolve) => process.stdin.once("data", resolve));
  const database = new Database(home);
  for (let i = 0; i < ${ROWS}; i++) database.transaction((connection) => connection
    .prepare("INSERT INTO api_keys (id, name, hash, scopes, created_at) VALUES (?, ?, x'00', '[]', 0)").run(name + i, name + i));
  process.exit(0);
`;

test("no row is lost and no process fails", async () => {
  const home = mkdtempSync(path.join(os.tmpdir(), "puna-db-"));
  const children = Array.from({ length: PROCESSES }, (_, i) =>
    spawn(process.execPath, ["--input-type=module", "-e", script, home, `p${i}-`], { stdio: ["pipe", "pipe", "inherit"] }),
  );
  await Promise.all(children.map((child) => new Promise((resolve) => child.stdout.once("data", resolve))));
  const codes = children.map((child) => new Promise((resolve) => child.once("exit", resolve)));
  for (const child of children) child.stdin.write("go\n");
  expect(await Promise.all(codes)).toEqual(children.map(() => 0));
  const database = new Database(home);
  expect(database.open().prepare("SELECT count(*) AS n FROM api_keys").get()).toEqual({ n: PROCESSES * ROWS });
  database.close();
  rmSync(home, { recursive: true, force: true });
});
