import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { Readable } from "node:stream";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startFakeServer } from "../../../../test/support/fake-server.ts";
import { item, job, notesBase } from "../../../../test/support/knowledge-script.ts";
import { recordedTerminal } from "../../../../test/support/recorded-terminal.ts";
import { createClient } from "../../client.ts";
import { add } from "./add.ts";

const NOTES = "/puna/knowledge/notes";

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), "puna-add-"));
  mkdirSync(path.join(folder, "guide"));
  writeFileSync(path.join(folder, 'a "quoted" name.md'), "alpha");
  writeFileSync(path.join(folder, "guide", "青石镇.md"), "beta");
  writeFileSync(path.join(folder, ".hidden"), "gamma");
  mkdirSync(path.join(folder, "empty"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const endsWell = {
  lines: [{ job: job(1, "done", { total: 2, done: 2 }), items: [item(1, "a.md", "done"), item(2, "b.md", "done")] }],
};

async function setUp(script: Parameters<typeof startFakeServer>[0] = {}, piped = "") {
  const server = await startFakeServer({
    [`GET ${NOTES}`]: { json: notesBase },
    [`POST ${NOTES}/documents`]: { status: 202, json: { job: job(1, "waiting") } },
    [`GET ${NOTES}/jobs/1/events`]: endsWell,
    ...script,
  });
  const { terminal, written } = recordedTerminal();
  const context = { client: createClient(server.host), terminal, input: Readable.from(piped === "" ? [] : [Buffer.from(piped)]) };
  const sent = () => server.asked.filter(({ method }) => method === "POST").map(({ body }) => body);
  return { server, context, written, sent, [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]() };
}

const waits = { wait: true };

test("a folder is sent as one form, with the path of each file", async () => {
  await using at = await setUp();
  await add(at.context, "notes", [folder], waits);
  const [form] = at.sent();
  const root = folder.replace(/^\//, "");
  expect(form).toContain(`filename="${root}/a %22quoted%22 name.md"`);
  expect(form).toContain(`filename="${root}/guide/青石镇.md"`);
  expect(form).toMatch(/^--puna-[0-9a-f]{32}\r\n[\s\S]*\r\nalpha\r\n--puna-[\s\S]*\r\nbeta\r\n--puna-[0-9a-f]{32}--\r\n$/);
  expect(form).not.toContain("gamma");
  expect(at.written.out).toBe("2 added\n");
  expect(at.written.err).toContain("added a.md\nadded b.md\n");
});

test("the same file twice is sent once", async () => {
  await using at = await setUp();
  const file = path.join(folder, "guide", "青石镇.md");
  await add(at.context, "notes", [file, folder, file], waits);
  expect(String(at.sent()[0]).match(/青石镇/g)).toHaveLength(1);
});

test("what is piped in, and addresses", async () => {
  await using at = await setUp({}, "The bakery opens at four.");
  await add(at.context, "notes", ["-", "https://example.com/a"], { name: "bakery", wait: true });
  expect(at.sent()).toEqual([
    { items: [{ text: "The bakery opens at four.", name: "bakery" }, { url: "https://example.com/a" }] },
  ]);
});

test("what failed is named with its reason; the rest is in, and the command fails", async () => {
  const ended = {
    job: job(1, "done", { total: 3, done: 1, unchanged: 1, failed: 1 }),
    items: [item(1, "a.md", "done"), item(2, "b.pdf", "failed", "b.pdf is encrypted"), item(3, "c.md", "unchanged")],
  };
  await using at = await setUp({ [`GET ${NOTES}/jobs/1/events`]: { lines: [ended] } });
  await expect(add(at.context, "notes", [folder], waits)).rejects.toThrow(
    "1 of 3 could not be added; the rest is in ('puna kb retry notes' tries again)",
  );
  expect(at.written.out).toBe("1 added, 1 unchanged, 1 failed\n");
  expect(at.written.err).toContain("added a.md\nunchanged c.md\n");
  expect(at.written.err).toContain("  failed b.pdf: b.pdf is encrypted\n");
});

test("as JSON", async () => {
  const ended = { job: job(1, "done", { total: 1, failed: 1 }), items: [item(2, "b.pdf", "failed", "encrypted")] };
  await using at = await setUp({ [`GET ${NOTES}/jobs/1/events`]: { lines: [ended] } });
  await expect(add(at.context, "notes", [folder], { wait: true, json: true })).rejects.toThrow("1 of 1 could not be added");
  expect(JSON.parse(at.written.out)).toEqual({
    jobs: [1],
    added: 0,
    unchanged: 0,
    failed: 1,
    canceled: 0,
    failures: [{ place: "b.pdf", reason: "encrypted", code: "unreadable" }],
  });
});

test("without waiting", async () => {
  await using at = await setUp();
  await add(at.context, "notes", [folder], { wait: false });
  expect(at.written.out).toBe("import 1 has begun\n");
  expect(at.server.asked.map(({ path: asked }) => asked)).not.toContain(`${NOTES}/jobs/1/events`);
});

test("a file that the server refuses is a failure of that file", async () => {
  await using at = await setUp({
    [`POST ${NOTES}/documents`]: { status: 413, json: { error: "huge.iso is too large: 100 MB is the limit" } },
  });
  const file = path.join(folder, "guide", "青石镇.md");
  await expect(add(at.context, "notes", [file], waits)).rejects.toThrow(/^1 of 1 could not be added$/);
  expect(at.written.err).toContain("huge.iso is too large");
});

test("a server that leaves in the middle is said, and that the import goes on", async () => {
  const lines = [{ job: job(1, "running", { total: 2, waiting: 2 }), items: [] }];
  await using at = await setUp({ [`GET ${NOTES}/jobs/1/events`]: { lines } });
  await expect(add(at.context, "notes", [folder], waits)).rejects.toThrow("it goes on when it is started again");
});

test("nothing is sent when something is not there", async () => {
  await using at = await setUp();
  const refused = (words: string[], flags = {}) => add(at.context, "notes", words, { ...waits, ...flags });
  await expect(refused([folder, path.join(folder, "nowhere.md")])).rejects.toThrow("there is no file or folder");
  await expect(refused([path.join(folder, "empty")])).rejects.toThrow("there is nothing to add in");
  await expect(refused(["-"])).rejects.toThrow("nothing was piped in");
  await expect(refused([folder], { name: "x" })).rejects.toThrow("--name is for what is piped in");
  await expect(refused(["/dev/null"])).rejects.toThrow("/dev/null is neither a file nor a folder");
  expect(at.sent()).toEqual([]);
  await expect(add(at.context, "none", [folder], waits)).rejects.toThrow("this server has no knowledge bases: they need Puna");
});
