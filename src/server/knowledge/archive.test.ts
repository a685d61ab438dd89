import { afterAll, beforeAll, expect, test } from "vitest";
import { object, type TestServer, testServer } from "../../../test/fixtures/server.ts";
import { KnowledgeApi } from "../../../test/support/knowledge-api.ts";
import { configureLog } from "../../log.ts";

configureLog({ write: () => {} });

let server: TestServer;
let api: KnowledgeApi;
let archive: Uint8Array;
beforeAll(async () => {
  server = await testServer();
  api = new KnowledgeApi(server);
  await api.ask("POST", "", { name: "笔记 1", refusal: "No idea." });
  await api.add("笔记 1", { items: [{ text: "The llama lives in the high grassland.", name: "llamas.txt" }] });
  const answer = await api.send("GET", "/笔记 1/export");
  expect([answer.status, answer.headers.get("content-type")]).toEqual([200, "application/gzip"]);
  expect(answer.headers.get("content-disposition")).toBe("attachment; filename*=UTF-8''%E7%AC%94%E8%AE%B0%201.kb.tar.gz");
  archive = new Uint8Array(await answer.arrayBuffer());
});
afterAll(() => server.close());

const post = (query: string, body: string) => server.app.request(`/puna/knowledge-import${query}`, { method: "POST", body });

test("a base goes out as a file and comes in under another name", async () => {
  const made = await post("?name=copy", archive as unknown as string);
  expect(made.status).toBe(201);
  expect(await object(made)).toMatchObject({ name: "copy", documents: 1, passages: 1, refusal: "No idea.", notices: [] });
  const found = async (name: string) => {
    const { hits, best } = await api.ask("POST", `/${name}/search`, { query: "where do llamas live" });
    return {
      best,
      hits: hits.map(({ document, start, end, text, score }: Record<string, unknown>) => ({ document, start, end, text, score })),
    };
  };
  expect(await found("copy")).toEqual(await found("笔记 1"));
});

test("a name in use, a file that is none, and one that was cut off, are refused and nothing is kept", async () => {
  const refused = async (query: string, body: string) => {
    const answer = await post(query, body);
    return [answer.status, (await object(answer)).error];
  };
  expect(await refused("", archive as unknown as string)).toEqual([
    409,
    'there is a knowledge base "笔记 1" already: choose another name',
  ]);
  expect(await refused("?name=x", "hello")).toEqual([400, expect.stringContaining("no export of a knowledge base")]);
  expect(await refused("?name=x", "")).toEqual([400, "the file is empty"]);
  const cut = archive.slice(0, archive.length - 20);
  expect(await refused("?name=x", cut as unknown as string)).toEqual([400, expect.stringContaining("the file is cut off")]);
  expect(await refused("?name=../up", archive as unknown as string)).toEqual([400, expect.stringContaining("needs a name")]);
  const { bases } = await api.ask("GET", "");
  expect(bases.map(({ name }: { name: string }) => name)).not.toContain("x");
});

test("what is not there cannot go out; a file that says it is too large is not received", async () => {
  expect((await api.send("GET", "/nowhere/export")).status).toBe(404);
  expect((await api.send("GET", "/笔记 1/export?vectors=maybe")).status).toBe(400);
  const request = { method: "POST", body: archive as unknown as string, headers: { "content-length": String(2 ** 40) } };
  expect((await server.app.request("/puna/knowledge-import?name=x", request)).status).toBe(413);
});
