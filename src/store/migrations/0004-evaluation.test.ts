import { mkdtempSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { expect, test } from "vitest";
import { Database } from "../db.ts";
import { migrations } from "./index.ts";

test("questions that were there before keep their id and their place", () => {
  const home = mkdtempSync(path.join(os.tmpdir(), "puna-migration-"));
  const before = new Database(home, migrations.slice(0, 3));
  before.open().exec(`
    INSERT INTO kb_bases (id, owner, name, settings, created_at) VALUES (1, '', 'notes', '{}', 5);
    INSERT INTO kb_documents (id, base, sha256, bytes, name, title, text, blocks, notes, added_at, passages)
      VALUES (3, 1, x'00', 9, 'a.md', 'A', 'It lasts two years.', '[]', '[]', 7, 0);
    INSERT INTO kb_questions (id, base, question, document, start, "end") VALUES (11, 1, 'How long?', 3, 9, 18);
  `);
  before.close();
  const now = new Database(home);
  const rows = now.open().prepare("SELECT * FROM kb_questions").all();
  expect(rows).toMatchObject([
    { id: 11, base: 1, question: "How long?", expects_refusal: 0, document: 3, name: "a.md", start: 9, end: 18, origin: "hand" },
  ]);
  // A document that goes leaves its question, a base takes it along.
  now.open().exec("DELETE FROM kb_documents");
  expect(now.open().prepare("SELECT document FROM kb_questions").all()).toEqual([{ document: null }]);
  now.open().exec("DELETE FROM kb_bases");
  expect(now.open().prepare("SELECT id FROM kb_questions").all()).toEqual([]);
  now.close();
  rmSync(home, { recursive: true, force: true });
});
