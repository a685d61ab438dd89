import { expect, test } from "vitest";
import { startFakeServer } from "../../../../test/support/fake-server.ts";
import { documentReply } from "../../../../test/support/knowledge-script.ts";
import { recordedTerminal } from "../../../../test/support/recorded-terminal.ts";
import { createClient } from "../../client.ts";
import { textWidth } from "../../terminal/width.ts";
import { search } from "./search.ts";

const SEARCH = "POST /puna/knowledge/notes/search";
const hit = {
  document: "guide.pdf",
  document_id: 4,
  page: 3,
  start: 0,
  end: 60,
  text: "The night ferry to Tervo\nleaves at 21:40 from the old pier.",
  score: 87.4,
  headings: ["Harbour", "Ferries"],
};
const found = { hits: [hit], best: 87.4, threshold: 50, notices: [], took_ms: 1 };

async function setUp(reply: object = found, terminalOptions = {}, more: Parameters<typeof startFakeServer>[0] = {}) {
  const server = await startFakeServer({ [SEARCH]: { json: reply }, ...more });
  const { terminal, written } = recordedTerminal(terminalOptions);
  const context = { client: createClient(server.host), terminal, now: () => new Date("2026-11-20T12:00:00Z") };
  const body = () => server.asked.find(({ path }) => path.endsWith("/search"))?.body;
  return { server, context, written, body, [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]() };
}

test("redirected: a line for the place, one for the passage, and nothing else", async () => {
  await using at = await setUp();
  await search(at.context, "notes", "night ferry", {});
  expect(at.written).toEqual({
    out: " 1  guide.pdf, page 3 › Harbour › Ferries  87\n    The night ferry to Tervo leaves at 21:40 from the old pier.\n",
    err: "",
  });
  expect(at.body()).toEqual({ query: "night ferry" });
});

test("on a terminal: matched words in bold, the score at the edge, no line too long", async () => {
  const long = {
    ...hit,
    document: "北岸渡轮时刻表与票价说明.pdf",
    text: `${hit.text} ${"夜间渡轮从旧码头出发，单车免费。".repeat(20)}`,
  };
  await using at = await setUp({ ...found, hits: [long] }, { outIsTty: true, color: true, columns: () => 50 });
  await search(at.context, "notes", "夜间渡轮", {});
  expect(at.written.out).toContain("\u001b[1m夜间渡轮\u001b[22m");
  // biome-ignore lint/suspicious/noControlCharactersInRegex: colours take no columns
  const lines = at.written.out.replace(/\u001b\[[0-9;]*m/g, "").split("\n");
  expect(lines[0]).toMatch(/^ 1 {2}北岸渡轮时刻表.*… +87$/);
  for (const line of lines) expect(textWidth(line)).toBeLessThanOrEqual(50);
  expect(lines.filter((line) => line.startsWith("    ")).length).toBeLessThanOrEqual(4);
});

test("an excerpt is cut around the words, at the start of a sentence", async () => {
  const filler = "Nothing of interest stands in this sentence. ".repeat(20);
  const text = `${filler}The torque wrench lies in the drawer. ${filler}`;
  await using at = await setUp({ ...found, hits: [{ ...hit, text }] });
  await search(at.context, "notes", "torque wrench", {});
  const excerpt = at.written.out.split("\n")[1] ?? "";
  expect(excerpt).toContain("The torque wrench lies in the drawer.");
  expect(excerpt).toMatch(/^ {4}…(?:Nothing|The) /);
  expect(textWidth(excerpt)).toBeLessThanOrEqual(304);
});

test("what other people wrote commands no terminal", async () => {
  await using at = await setUp({ ...found, hits: [{ ...hit, document: "a\u001b[2J.md", text: "x\u001b]0;title\u0007y" }] });
  await search(at.context, "notes", "x", {});
  // biome-ignore lint/suspicious/noControlCharactersInRegex: that is what is looked for
  expect(at.written.out).not.toMatch(/[\u0007\u001b]/);
});

test("a best score below the threshold is said", async () => {
  await using at = await setUp({ ...found, best: 12, notices: ["the embedder is away"] });
  await search(at.context, "notes", "ferry", {});
  expect(at.written.err).toContain("Note: the embedder is away\n");
  expect(at.written.err).toContain("would be refused");
  await using none = await setUp({ ...found, hits: [], best: 0 });
  await search(none.context, "notes", "ferry", {});
  expect(none.written).toEqual({ out: "", err: "Nothing was found.\n" });
});

test("filters and JSON", async () => {
  const documents = [documentReply(1, "a.md", { places: [`${process.cwd().slice(1)}/samples/a.md`] })];
  const list = { "GET /puna/knowledge/notes/documents?limit=500&after=0": { json: { documents, next: null } } };
  await using at = await setUp(found, {}, list);
  await search(at.context, "notes", "ferry", { limit: "3", language: "en, ZH", since: "30d", folder: "samples", json: true });
  expect(at.body()).toEqual({
    query: "ferry",
    limit: 3,
    filters: {
      languages: ["en", "zh"],
      since: Date.parse("2026-10-21T12:00:00Z"),
      folder: `${process.cwd().slice(1)}/samples`,
    },
  });
  expect(JSON.parse(at.written.out)).toEqual(found);
});

test("a folder that is not here is meant as it is written; a day begins at midnight", async () => {
  await using at = await setUp();
  await search(at.context, "notes", "ferry", { folder: "shared/manuals", since: "2026-01-31" });
  expect(at.body()).toMatchObject({ filters: { folder: "shared/manuals", since: new Date(2026, 0, 31).getTime() } });
});

test.each([
  [{ limit: "0" }, 'invalid value for --limit: "0"'],
  [{ limit: "many" }, "invalid value for --limit"],
  [{ since: "2026-02-30" }, 'invalid date "2026-02-30": write it as 2026-01-31'],
  [{ since: "yesterday" }, "invalid date"],
])("%j is refused", async (flags, text) => {
  await using at = await setUp();
  await expect(search(at.context, "notes", "x", flags)).rejects.toThrow(text);
});
