import { expect, test } from "vitest";
import { startFakeServer } from "../../../test/support/fake-server.ts";
import { createClient } from "../client.ts";
import { resourceHandlers } from "./resources.ts";
import { toolHandlers } from "./tools.ts";

const base = (name: string) => ({ name, documents: 2, passages: 9 });
const hit = {
  ...{ document: "guide.pdf", document_id: 4, page: 3, start: 10, end: 40, text: "The night ferry leaves at 21:40." },
  ...{ score: 87.4, headings: ["Harbour", "Ferries"] },
};
const document = { id: 4, name: "guide.pdf", title: "Guide", pages: 5, language: "en", bytes: 1000, passages: 9, places: [] };

async function setUp(only: string[] = [], more: Parameters<typeof startFakeServer>[0] = {}) {
  const server = await startFakeServer({
    "GET /puna/knowledge": { json: { bases: [base("notes"), base("笔记")] } },
    "POST /puna/knowledge/notes/search": { json: { hits: [hit], best: 87.4, threshold: 50, notices: [] } },
    "GET /puna/knowledge/notes/documents?limit=200&after=0": { json: { documents: [document], next: 4 } },
    "GET /puna/knowledge/notes/documents?limit=100&after=0": { json: { documents: [document], next: null } },
    "GET /puna/knowledge/%E7%AC%94%E8%AE%B0/documents?limit=100&after=0": { json: { documents: [], next: null } },
    "GET /puna/knowledge/notes/documents/4/text": { json: { document, text: "a😀b".repeat(10_000), blocks: [] } },
    ...more,
  });
  const client = createClient(server.host);
  const handlers = { ...toolHandlers(client, only), ...resourceHandlers(client, only) };
  const { signal } = new AbortController();
  // biome-ignore lint/suspicious/noExplicitAny: tests read whatever the wire holds
  const ask = async (method: string, params: Record<string, unknown> = {}): Promise<any> =>
    await handlers[method]?.(params, signal);
  const call = async (name: string, args: unknown = {}): Promise<{ text: string; isError: boolean }> => {
    const { content, isError } = await ask("tools/call", { name, arguments: args });
    return { text: content[0].text, isError };
  };
  return { server, ask, call, [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]() };
}

test("the tools only read, and say what they take", async () => {
  await using at = await setUp();
  const { tools } = await at.ask("tools/list");
  expect(tools.map(({ name }: { name: string }) => name)).toEqual(["list_bases", "search", "list_documents", "read"]);
  for (const tool of tools) {
    expect(tool).toMatchObject({
      annotations: { readOnlyHint: true },
      inputSchema: { type: "object", additionalProperties: false },
    });
  }
});

test("search gives passages with their places", async () => {
  await using at = await setUp();
  const { text, isError } = await at.call("search", { base: "NOTES", query: "ferry", limit: "3", languages: "en" });
  expect(isError).toBe(false);
  expect(text).toBe(
    "[1] guide.pdf, page 3 › Harbour › Ferries (document 4, characters 10-40, score 87)\nThe night ferry leaves at 21:40.",
  );
  expect(at.server.asked.at(-1)?.body).toEqual({ query: "ferry", limit: 3, filters: { languages: ["en"] } });
});

test("search says when the documents likely do not answer", async () => {
  const low = { json: { hits: [{ ...hit, score: 12 }], best: 12, threshold: 50, notices: ["the embedder is away"] } };
  await using at = await setUp([], { "POST /puna/knowledge/notes/search": low });
  const { text } = await at.call("search", { base: "notes", query: "ferry" });
  expect(text).toContain("The best score is 12, below the threshold 50");
  expect(text).toContain("Note: the embedder is away");
});

test("a base need not be named when there is one", async () => {
  await using at = await setUp(["notes"]);
  expect((await at.call("list_bases")).text).toBe("notes: 2 documents, 9 passages");
  expect((await at.call("search", { query: "ferry" })).isError).toBe(false);
  expect(await at.call("search", { query: "ferry", base: "笔记" })).toEqual({
    text: 'Error: there is no knowledge base "笔记"; there are: notes',
    isError: true,
  });
});

test("a range is read to the character, and cut where it is too long", async () => {
  await using at = await setUp();
  expect((await at.call("read", { base: "notes", document: 4, start: 0, end: 4 })).text).toBe(
    "guide.pdf, characters 0-4 of 40000\n\na😀b",
  );
  // Inside an emoji.
  expect((await at.call("read", { base: "notes", document: 4, start: 2, end: 4 })).text).toBe(
    "guide.pdf, characters 2-4 of 40000\n\nb",
  );
  expect((await at.call("read", { base: "notes", document: 4 })).text).toMatch(/\(cut off here: go on with start 20000\)$/);
  expect((await at.call("read", { base: "notes", document: 4, start: 90_000 })).text).toBe(
    "guide.pdf, characters 40000-40000 of 40000\n\n",
  );
});

test("documents are listed page by page", async () => {
  await using at = await setUp();
  expect((await at.call("list_documents", { base: "notes" })).text).toBe(
    "4: guide.pdf, Guide, 5 pages, en\n\nThere are more: go on with after 4.",
  );
});

test.each([
  ["search", { base: "notes" }, "query is required"],
  ["search", { base: "notes", query: 7 }, "query must be a string"],
  ["search", { base: "notes", query: "x", limit: 99 }, "limit must be a whole number from 1 to 20"],
  ["search", { query: "x" }, "base is required; there are: notes, 笔记"],
  ["read", { base: "notes" }, "document is required"],
  ["read", { base: "notes", document: "../1" }, "document must be a whole number from 1 on"],
  [
    "read",
    { base: "notes", document: 9 },
    "this server has no knowledge bases: they need Puna, of this version or later (check OLLAMA_HOST)",
  ],
  ["search", [1], "the arguments are a JSON object"],
])("%s with %j tells the model what is wrong", async (name, args, problem) => {
  await using at = await setUp();
  expect(await at.call(name, args)).toEqual({ text: `Error: ${problem}`, isError: true });
});

test("a tool that is none is the client's fault", async () => {
  await using at = await setUp();
  await expect(at.ask("tools/call", { name: "toString" })).rejects.toMatchObject({ code: -32602 });
});

test("documents as resources, base after base", async () => {
  await using at = await setUp();
  const first = await at.ask("resources/list");
  expect(first.resources).toEqual([
    { uri: "puna://knowledge/notes/4", name: "guide.pdf", title: "Guide", mimeType: "text/plain" },
  ]);
  expect(await at.ask("resources/list", { cursor: first.nextCursor })).toEqual({ resources: [] });
  const { contents } = await at.ask("resources/read", { uri: "puna://knowledge/notes/4" });
  expect(contents[0].text).toHaveLength(40_000);
  for (const uri of ["puna://knowledge/notes", "file:///etc/passwd", "puna://knowledge/notes/0", 7, undefined])
    await expect(at.ask("resources/read", { uri })).rejects.toMatchObject({ code: -32602 });
  for (const cursor of ["x", "[1,2]", "{}"])
    await expect(at.ask("resources/list", { cursor })).rejects.toMatchObject({ code: -32602 });
});
