import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { type TestServer, testServer } from "../../../test/fixtures/server.ts";
import { KnowledgeApi } from "../../../test/support/knowledge-api.ts";
import { configureLog } from "../../log.ts";

configureLog({ write: () => {} });

let server: TestServer;
let api: KnowledgeApi;
let base = "";
let count = 0;
beforeAll(async () => {
  server = await testServer();
  await server.make("m");
  await server.make("first", { pooling: 1 });
  await server.make("second", { pooling: 1 });
  api = new KnowledgeApi(server);
});
afterAll(() => server.close());
beforeEach(async () => {
  base = `base${++count}`;
});

const texts = (n: number) => ({
  items: Array.from({ length: n }, (_, i) => ({ text: `Text ${i} is of its own kind.`, name: `${i}.txt` })),
});
const indexes = async () => (await api.ask("GET", `/${base}/indexes`)).indexes;
const build = async (body: unknown) => {
  const { index, job } = await api.ask("POST", `/${base}/indexes`, body);
  const ended = await api.ended(base, job.id);
  expect(ended.job.state).toBe("done");
  return index.id as number;
};

describe("indexes", () => {
  test("a base with an embedder has one, which grows with it", async () => {
    await api.ask("POST", "", { name: base, embedder: "first" });
    await api.add(base, texts(3));
    expect(await indexes()).toMatchObject([
      { embedder: "first:latest", state: "live", vectors: 3, passages: 3, faults: 0, dimensions: 2 },
    ]);
    const { hits } = await api.ask("POST", `/${base}/search`, { query: "kind" });
    expect(hits[0].cosine).toBeCloseTo(1);
    const byWords = await api.ask("POST", `/${base}/search`, { query: "kind", index: "words" });
    expect(byWords.hits[0].cosine).toBeNull();
  });

  test("a second is built beside the first, takes its place at once, and gives it back", async () => {
    await api.ask("POST", "", { name: base, embedder: "first" });
    await api.add(base, texts(4));
    const [first] = await indexes();
    const second = await build({ embedder: "second" });
    expect(await indexes()).toMatchObject([{ state: "live" }, { id: second, state: "ready", vectors: 4 }]);
    expect(await api.ask("GET", `/${base}`)).toMatchObject({ embedder: "first:latest", live_index: first.id });
    expect((await api.ask("POST", `/${base}/search`, { query: "kind", index: second })).hits[0].cosine).toBeCloseTo(1);

    const swapped = await api.ask("POST", `/${base}/indexes/${second}/live`);
    expect(swapped).toMatchObject({ embedder: "second:latest", live_index: second, previous_index: first.id });
    await api.add(base, { items: [{ text: "One more text.", name: "more.txt" }] });
    expect(await indexes()).toMatchObject([
      { state: "incomplete", vectors: 4 },
      { state: "live", vectors: 5 },
    ]);

    const back = await api.ask("POST", `/${base}/rollback`);
    expect(back).toMatchObject({ embedder: "first:latest", live_index: first.id, previous_index: second });
    const [{ id: job }] = (await api.ask("GET", `/${base}/jobs`)).jobs;
    await api.ended(base, job);
    expect(await indexes()).toMatchObject([
      { state: "live", vectors: 5 },
      { state: "previous", vectors: 5 },
    ]);
  });

  test("are dropped, but not the one that is searched", async () => {
    await api.ask("POST", "", { name: base, embedder: "first" });
    await api.add(base, texts(2));
    const second = await build({ embedder: "second" });
    const [first] = await indexes();
    expect((await api.refused("DELETE", `/${base}/indexes/${first.id}`))[0]).toBe(409);
    await api.ask("DELETE", `/${base}/indexes/${second}`);
    for (const [method, rest] of [
      ["GET", ""],
      ["DELETE", ""],
      ["POST", "/live"],
    ] as const)
      expect((await api.refused(method, `/${base}/indexes/${second}${rest}`))[0]).toBe(404);
    expect(await api.refused("POST", `/${base}/rollback`)).toEqual([409, expect.stringContaining("no index before")]);
  });

  test("go live as soon as they are complete when that is wanted; an embedder is not changed in passing", async () => {
    await api.ask("POST", "", { name: base });
    await api.add(base, texts(3));
    await api.ask("PATCH", `/${base}`, { embedder: "first" });
    const [{ id: job }] = (await api.ask("GET", `/${base}/jobs`)).jobs;
    await api.ended(base, job);
    expect(await indexes()).toMatchObject([{ state: "live", vectors: 3 }]);
    expect(await api.refused("PATCH", `/${base}`, { embedder: "second", threshold: 10 })).toEqual([
      409,
      expect.stringContaining("indexed with first:latest"),
    ]);
    expect(await api.ask("GET", `/${base}`)).toMatchObject({ embedder: "first:latest", threshold: null });

    await build({ embedder: "second", live: true });
    expect(await api.ask("GET", `/${base}`)).toMatchObject({ embedder: "second:latest" });
    const wordsAlone = await api.ask("PATCH", `/${base}`, { embedder: null });
    expect(wordsAlone).toMatchObject({ embedder: null, live_index: null });
    expect(await api.ask("POST", `/${base}/rollback`)).toMatchObject({ embedder: "second:latest" });
  });

  test("what cannot be embedded fails alone and says so", async () => {
    await api.ask("POST", "", { name: base, embedder: "first" });
    // The fake engine gives NaN for what begins with an exclamation mark.
    await api.add(base, { items: [...texts(2).items, { text: "This is not embedded.", name: "!.txt" }] });
    const [index] = await indexes();
    expect(index).toMatchObject({ vectors: 2, faults: 1, passages: 3 });
    const one = await api.ask("GET", `/${base}/indexes/${index.id}`);
    expect(one.faults).toMatchObject([{ start: 0, reason: expect.stringContaining("NaN") }]);
    expect((await api.ask("POST", `/${base}/search`, { query: "embedded" })).hits[0]).toMatchObject({
      document: "!.txt",
      cosine: null,
    });
  });

  test("a key for the base alone is enough to search by its vectors", async () => {
    await api.ask("POST", "", { name: base, embedder: "first" });
    await api.add(base, texts(2));
    const { token } = server.keys.create({ name: base, models: [`kb/${base}`] });
    const headers = { authorization: `Bearer ${token}` };
    const response = await api.send("POST", `/${base}/search`, { query: "kind" }, { headers });
    const found = (await response.json()) as { hits: { cosine: number | null }[]; notices: string[] };
    expect(found.notices).toEqual([]);
    expect(found.hits[0]?.cosine).toBeCloseTo(1);
    expect((await server.post("/api/embed", { model: "first", input: "a" }, { headers })).status).toBe(403);
  });

  test("need an embedder that is here and can embed", async () => {
    await api.ask("POST", "", { name: base });
    expect(await api.refused("POST", `/${base}/indexes`, {})).toEqual([400, expect.stringContaining("embedder is required")]);
    expect((await api.refused("POST", `/${base}/indexes`, { embedder: "nobody" }))[0]).toBe(404);
    expect((await api.refused("POST", `/${base}/indexes`, { embedder: "m" }))[0]).toBe(400);
    expect(await indexes()).toEqual([]);
  });
});

test("a reset cuts all documents as the settings now say, and makes their vectors", async () => {
  await api.ask("POST", "", { name: base, embedder: "first" });
  const text = Array.from({ length: 60 }, (_, i) => `Sentence ${i} tells of house number ${i}.`).join(" ");
  await api.add(base, { items: [{ text, name: "long.txt" }] });
  const { passages: before } = await api.ask("GET", `/${base}`);
  await api.ask("PATCH", `/${base}`, { passage_tokens: 40, most_passage_tokens: 80 });
  const { job } = await api.ask("POST", `/${base}/reset`);
  expect((await api.ended(base, job.id)).job.state).toBe("done");
  const { passages } = await api.ask("GET", `/${base}`);
  expect(passages).toBeGreaterThan(before);
  expect(await indexes()).toMatchObject([{ state: "live", vectors: passages }]);
  const { hits } = await api.ask("POST", `/${base}/search`, { query: "house number 57", limit: 1 });
  expect(hits[0].text).toContain("house number 57");
});
