/** The verbs that look after bases, against a scripted server. */
import { PassThrough } from "node:stream";
import { expect, test } from "vitest";
import { startFakeServer } from "../../../../test/support/fake-server.ts";
import { documentReply, item, job, notesBase } from "../../../../test/support/knowledge-script.ts";
import { recordedTerminal } from "../../../../test/support/recorded-terminal.ts";
import { createClient } from "../../client.ts";
import { cancel } from "./cancel.ts";
import { create } from "./create.ts";
import { docs } from "./docs.ts";
import { index } from "./index.ts";
import { jobs } from "./jobs.ts";
import { list } from "./list.ts";
import { rename } from "./rename.ts";
import { retry } from "./retry.ts";
import { rm } from "./rm.ts";
import { set } from "./set.ts";
import { show } from "./show.ts";

const NOTES = "/puna/knowledge/notes";

async function setUp(script: Parameters<typeof startFakeServer>[0], terminalOptions = {}) {
  const server = await startFakeServer(script);
  const { terminal, written } = recordedTerminal(terminalOptions);
  const input = new PassThrough();
  const context = { client: createClient(server.host), terminal, now: () => new Date("2026-11-20T12:00:00Z"), input };
  return { server, context, written, input, [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]() };
}

test("create sends what was set, and no more", async () => {
  await using at = await setUp({ "POST /puna/knowledge": { status: 201, json: notesBase } }, { outIsTty: true });
  await create(at.context, "notes", { model: "mini", mode: "chat" });
  expect(at.server.asked.at(-1)?.body).toEqual({ name: "notes", model: "mini", mode: "chat" });
  expect(at.written).toEqual({ out: "created 'notes'\n", err: "Add documents with: puna kb add notes FILE...\n" });
});

test("the hint can be pasted into a shell", async () => {
  await using at = await setUp({ "POST /puna/knowledge": { json: { ...notesBase, name: "my notes" } } }, { outIsTty: true });
  await create(at.context, "my notes", {});
  expect(at.written.err).toContain("puna kb add 'my notes' FILE");
});

test("list, with Chinese names in their columns", async () => {
  const bases = [notesBase, { ...notesBase, name: "读书笔记", embedder: "bge-m3", documents: 12 }];
  await using at = await setUp({ "GET /puna/knowledge": { json: { bases } } });
  await list(at.context, {});
  expect(at.written.out).toBe(
    [
      "NAME        DOCUMENTS    PASSAGES    EMBEDDER    CREATED           ",
      "notes       2            9           -           About an hour ago    ",
      "读书笔记    12           9           bge-m3      About an hour ago    ",
      "",
    ].join("\n"),
  );
  at.written.out = "";
  await list(at.context, { json: true });
  expect(JSON.parse(at.written.out)).toEqual(bases);
});

test("show says what is set and what holds where nothing is", async () => {
  await using at = await setUp({ [`GET ${NOTES}`]: { json: { ...notesBase, threshold: 0 } } });
  await show(at.context, "notes", {});
  expect(at.written.out).toMatch(/as a model +kb\/notes/);
  expect(at.written.out).toMatch(/model +mini:latest/);
  expect(at.written.out).toMatch(/threshold +0 /);
  expect(at.written.out).toMatch(/refusal +\(in the language of the question\)/);
});

test("set changes and takes back", async () => {
  await using at = await setUp({ [`PATCH ${NOTES}`]: { json: notesBase } });
  await set(at.context, "notes", ["threshold=42.5", "Passage_Tokens=100", "refusal=It is not there = sorry.", "model="], {});
  expect(at.server.asked.at(-1)?.body).toEqual({
    threshold: 42.5,
    passage_tokens: 100,
    refusal: "It is not there = sorry.",
    model: null,
  });
});

test.each([
  ["threshold", '"threshold" sets nothing: write key=value'],
  ["=1", '"=1" sets nothing'],
  ["colour=red", 'unknown setting "colour" (must be one of model, mode,'],
  ["constructor=1", 'unknown setting "constructor"'],
  ["threshold=101", 'invalid threshold "101" (must be a number from 0 to 100)'],
  ["threshold=half", 'invalid threshold "half"'],
  ["mode=both", 'invalid mode "both" (must be query or chat)'],
  ["passage-tokens=1.5", 'invalid passage-tokens "1.5" (must be a whole number)'],
])("set %s is refused before anything is sent", async (word, text) => {
  await using at = await setUp({});
  await expect(set(at.context, "notes", [word], {})).rejects.toThrow(text);
  expect(at.server.asked).toEqual([]);
});

test("rename", async () => {
  await using at = await setUp({ [`PATCH ${NOTES}`]: { json: { ...notesBase, name: "old", model_name: "kb/old" } } });
  await rename(at.context, "notes", "old");
  expect(at.written.out).toBe("renamed 'notes' to 'old': clients find it as kb/old\n");
});

test("docs goes through all pages, and tells what could not be read", async () => {
  const first = documentReply(3, "guide.pdf", { pages: 12, notes: ["page 7 is a scan"] });
  await using at = await setUp({
    [`GET ${NOTES}/documents?limit=500&after=0`]: { json: { documents: [first], next: 3 } },
    [`GET ${NOTES}/documents?limit=500&after=3`]: { json: { documents: [documentReply(5, "a\u001b[2Jb.md")], next: null } },
  });
  await docs(at.context, "notes", {});
  expect(at.written.out).toContain("3     guide.pdf     1.2 KB    12       4           en          5 minutes ago");
  expect(at.written.out).not.toContain("\u001b");
  expect(at.written.err).toBe("Note: guide.pdf: page 7 is a scan\n");
});

const twoDocuments = {
  [`GET ${NOTES}/documents?limit=500&after=0`]: {
    json: {
      documents: [
        documentReply(3, "a.md", { places: ["home/me/a.md"] }),
        documentReply(4, "b.md", { places: ["x/b.md"] }),
        documentReply(5, "b.md", { places: ["y/b.md"] }),
      ],
      next: null,
    },
  },
  [`DELETE ${NOTES}/documents/3`]: { status: 204 },
  [`DELETE ${NOTES}/documents/5`]: { status: 204 },
};

test("rm finds documents by number, name, place and path", async () => {
  for (const words of [["3"], ["a.md"], ["home/me/a.md"], ["/home/me/a.md"], ["3", "a.md"]]) {
    await using at = await setUp(twoDocuments);
    await rm(at.context, "notes", words, {});
    expect(at.written.out).toBe("removed 'a.md'\n");
  }
  await using at = await setUp(twoDocuments);
  await rm(at.context, "notes", ["y/b.md"], {});
  expect(at.server.asked.at(-1)).toMatchObject({ method: "DELETE", path: `${NOTES}/documents/5` });
});

test("rm removes nothing when one document is not there, or is not clear", async () => {
  await using at = await setUp(twoDocuments);
  await expect(rm(at.context, "notes", ["3", "nowhere.md"], {})).rejects.toThrow(
    "there is no document \"nowhere.md\" in 'notes'",
  );
  await expect(rm(at.context, "notes", ["b.md"], {})).rejects.toThrow("give the number (4, 5)");
  expect(at.server.asked.filter(({ method }) => method === "DELETE")).toEqual([]);
});

test("rm of a base that holds something asks", async () => {
  const script = { [`GET ${NOTES}`]: { json: notesBase }, [`DELETE ${NOTES}`]: { status: 204 } };
  await using piped = await setUp(script, { inIsTty: false });
  await expect(rm(piped.context, "notes", [], {})).rejects.toThrow("'notes' holds 2 documents: say --yes");
  await rm(piped.context, "notes", [], { yes: true });
  expect(piped.written.out).toBe("removed 'notes'\n");
  await using at = await setUp(script);
  at.input.write("n\n");
  await rm(at.context, "notes", [], {});
  expect(at.written.out).toBe("nothing was removed\n");
  expect(at.server.asked.filter(({ method }) => method === "DELETE")).toEqual([]);
  await using left = await setUp(script);
  left.input.end();
  await rm(left.context, "notes", [], {});
  expect(left.written.out).toBe("nothing was removed\n");
});

test("jobs, and one of them with its failures", async () => {
  const done = job(7, "done", { total: 3, done: 1, unchanged: 1, failed: 1 });
  await using at = await setUp({
    [`GET ${NOTES}/jobs`]: { json: { jobs: [done, job(6, "failed", {}, "the disk is full")] } },
    [`GET ${NOTES}/jobs/7?limit=1`]: { json: { job: done, items: [], next: 1 } },
    [`GET ${NOTES}/jobs/7?limit=500&after=0`]: {
      json: { job: done, items: [item(1, "a.md", "done"), item(2, "b.pdf", "failed", "b.pdf is encrypted")], next: null },
    },
  });
  await jobs(at.context, "notes", undefined, {});
  expect(at.written.out).toContain("7     done      3        1        1            1         About a minute ago");
  expect(at.written.err).toBe("Note: 6: the disk is full\n");
  at.written.out = "";
  await jobs(at.context, "notes", "7", {});
  expect(at.written.out).toContain("failed    b.pdf    b.pdf is encrypted");
  expect(at.written.out).not.toContain("a.md");
  await expect(jobs(at.context, "notes", "seven", {})).rejects.toThrow('"seven" is no number of a job');
});

test("retry takes the last import in which something failed, and waits", async () => {
  const failed = job(6, "done", { total: 2, done: 1, failed: 1 });
  await using at = await setUp({
    [`GET ${NOTES}/jobs`]: { json: { jobs: [job(7, "done", { total: 1, done: 1 }), failed] } },
    [`POST ${NOTES}/jobs/6/retry`]: { status: 202, json: { job: job(6, "waiting") } },
    [`GET ${NOTES}/jobs/6/events`]: {
      lines: [{ job: job(6, "done", { total: 2, done: 2 }), items: [item(2, "b.pdf", "done")] }],
    },
  });
  await retry(at.context, "notes", undefined, { wait: true });
  expect(at.written.out).toBe("2 added\n");
  await retry(at.context, "notes", "6", { wait: false, json: true });
  expect(at.written.out).toContain('{"jobs":[6]}');
});

test("cancel ends what goes on", async () => {
  const running = job(8, "running", { total: 9, done: 4, waiting: 5 });
  const script = { [`DELETE ${NOTES}/jobs/8`]: { json: { job: { ...running, state: "canceled" } } } };
  await using at = await setUp({ ...script, [`GET ${NOTES}/jobs`]: { json: { jobs: [running, job(7, "done")] } } });
  await cancel(at.context, "notes", undefined);
  expect(at.written.out).toBe("canceled 8: 4 of 9 were read\n");
  await using idle = await setUp({ [`GET ${NOTES}/jobs`]: { json: { jobs: [job(7, "done")] } } });
  await cancel(idle.context, "notes", undefined);
  expect(idle.written.out).toBe("there is nothing to cancel\n");
});

const vectors = { dimensions: 384, vectors: 9, passages: 9, faults: 0, created_at: notesBase.created_at };
const indexes = [
  { id: 1, embedder: "bge-m3:latest", state: "live", ...vectors },
  { id: 2, embedder: "e5:latest", state: "ready", ...vectors },
];

test("indexes are listed, built, swapped and dropped", async () => {
  await using at = await setUp({
    [`GET ${NOTES}/indexes`]: { json: { indexes } },
    [`POST ${NOTES}/indexes`]: { status: 202, json: { index: indexes[1], job: job(9, "waiting") } },
    [`GET ${NOTES}/jobs/9/events`]: {
      lines: [
        { job: job(9, "running"), items: [], vectors: { done: 4, total: 9 } },
        { job: job(9, "done", {}, "one passage has no vector"), items: [] },
      ],
    },
    [`POST ${NOTES}/indexes/2/live`]: { json: notesBase },
    [`DELETE ${NOTES}/indexes/2`]: { status: 204 },
    [`POST ${NOTES}/rollback`]: { json: notesBase },
  });
  const flags = { wait: true };
  await index(at.context, "notes", {}, flags);
  expect(at.written.out).toContain("2     e5:latest        ready    9/9");
  await index(at.context, "notes", { action: "build", name: "e5" }, { ...flags, live: true });
  expect(at.server.asked.find(({ method }) => method === "POST")?.body).toEqual({ embedder: "e5", live: true });
  expect(at.written.err).toContain("embedding 4/9 passages");
  expect(at.written.err).toContain("Note: one passage has no vector");
  await index(at.context, "notes", { action: "live", name: "e5" }, flags);
  await index(at.context, "notes", { action: "drop", name: "2" }, flags);
  await index(at.context, "notes", { action: "rollback" }, flags);
  expect(at.server.asked.map(({ method, path }) => `${method} ${path}`)).toEqual(
    expect.arrayContaining([`POST ${NOTES}/indexes/2/live`, `DELETE ${NOTES}/indexes/2`, `POST ${NOTES}/rollback`]),
  );
  await expect(index(at.context, "notes", { action: "live", name: "9" }, flags)).rejects.toThrow("of 0 indexes");
  await expect(index(at.context, "notes", { action: "build" }, flags)).rejects.toThrow("which embedding model?");
  await expect(index(at.context, "notes", { action: "burn" }, flags)).rejects.toThrow('unknown action "burn"');
});
