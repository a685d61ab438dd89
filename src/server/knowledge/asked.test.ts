import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { lines, object, type TestServer, testServer } from "../../../test/fixtures/server.ts";
import { KnowledgeApi } from "../../../test/support/knowledge-api.ts";
import { configureLog } from "../../log.ts";

configureLog({ write: () => {} });

const LIBRARY = "# Library\n\nThe library opens at nine o'clock on weekdays.\n";
const QUESTION = "When does the library open on weekdays?";

/** The fake engine takes a while for each token. */
const SHORT = { num_predict: 60 };

let server: TestServer;
beforeAll(async () => {
  server = await testServer();
  // The fake engine says its prompt again.
  await server.make("m", { context: 8192, jinja: "{% for message in messages %}{{ message.content }}\n{% endfor %}" });
  const api = new KnowledgeApi(server);
  for (const name of ["shared", "secret"]) {
    await api.ask("POST", "", { name, model: "m" });
    await api.add(name, { items: [{ text: LIBRARY, name: "library.md" }] });
  }
});
afterAll(() => server.close());

const chat = async (body: object, headers: Record<string, string> = {}) =>
  await server.post(
    "/api/chat",
    { messages: [{ role: "user", content: QUESTION }], stream: false, options: SHORT, ...body },
    { headers },
  );
const keyFor = (name: string, models: string[]) => ({
  authorization: `Bearer ${server.keys.create({ name, models }).token}`,
});

describe("a key for some bases", () => {
  test("asks them whichever model answers, and no other, in no dialect", async () => {
    const headers = keyFor("narrow", ["kb/shared"]);
    const answered = await object(await chat({ model: "kb/shared" }, headers));
    expect(answered.knowledge).toMatchObject({ base: "shared", model: "m:latest" });
    const { models } = await object(await server.app.request("/api/tags", { headers }));
    expect(models.map(({ name }: { name: string }) => name)).toEqual(["kb/shared:latest"]);
    const user = [{ role: "user", content: QUESTION }];
    const refused: [string, object][] = [
      ["/api/chat", { model: "kb/secret", messages: user }],
      ["/api/chat", { model: "m", messages: user }],
      ["/api/chat", { model: "kb/shared", messages: user, knowledge: { model: "m" } }],
      ["/api/chat", { model: "m", messages: user, knowledge: { base: "shared" } }],
      ["/api/generate", { model: "kb/secret", prompt: QUESTION }],
      ["/api/show", { model: "kb/secret" }],
      ["/v1/chat/completions", { model: "kb/secret", messages: user }],
      ["/v1/responses", { model: "kb/secret", input: QUESTION }],
      ["/v1/messages", { model: "kb/secret", messages: user, max_tokens: 9 }],
    ];
    for (const [path, body] of refused) expect([path, (await server.post(path, body, { headers })).status]).toEqual([path, 403]);
    expect((await server.app.request("/v1/models/kb/secret", { headers })).status).toBe(403);
  });

  test("one for a model alone sees no base", async () => {
    const headers = keyFor("plain", ["m"]);
    expect((await chat({ model: "kb/shared" }, headers)).status).toBe(403);
    expect((await chat({ model: "m", knowledge: { base: "shared" } }, headers)).status).toBe(403);
    const { data } = await object(await server.app.request("/v1/models", { headers }));
    expect(data.map(({ id }: { id: string }) => id)).toEqual(["m:latest"]);
  });
});

describe("a base as a model", () => {
  test("names in any case, with a tag, and Chinese ones", async () => {
    const api = new KnowledgeApi(server);
    await api.ask("POST", "", { name: "笔记 二", model: "m" });
    for (const model of ["KB/Shared", "kb/shared:latest", " kb/shared "])
      expect((await object(await chat({ model }))).knowledge.base).toBe("shared");
    const answered = await object(await chat({ model: "kb/笔记 二" }));
    expect(answered).toMatchObject({ model: "kb/笔记 二", knowledge: { base: "笔记 二", refused: "score" } });
    await api.ask("DELETE", `/${encodeURIComponent("笔记 二")}`);
    expect((await chat({ model: "kb/笔记 二" })).status).toBe(404);
  });

  test("wishes of the request: threshold, filters, limit, mode; nulls are nothing", async () => {
    const strict = await object(await chat({ model: "kb/shared", knowledge: { threshold: 100, mode: null, limit: null } }));
    expect(strict.knowledge).toMatchObject({ threshold: 100, refused: "score", mode: "query" });
    const elsewhere = await object(await chat({ model: "kb/shared", knowledge: { filters: { folder: "nowhere" } } }));
    expect(elsewhere.knowledge).toMatchObject({ refused: "score", misses: [] });
    const free = await object(await chat({ model: "kb/shared", knowledge: { mode: "chat", filters: { folder: "nowhere" } } }));
    expect(free.knowledge).toMatchObject({ mode: "chat", used: "none" });
    expect(free.message.content).toContain(QUESTION);
  });

  test("the base's own refusal, in the language of the question otherwise", async () => {
    const api = new KnowledgeApi(server);
    await api.ask("PATCH", "/secret", { refusal: "Ask the porter." });
    const own = await object(await chat({ model: "kb/secret", messages: [{ role: "user", content: "Who built Zorblax?" }] }));
    expect(own.message.content).toContain("Ask the porter.");
    const chinese = await object(
      await chat({ model: "kb/shared", messages: [{ role: "user", content: "佐布拉星是谁发现的？" }] }),
    );
    expect(chinese.message.content).toContain("文档中没有说明。");
  });

  test("an answer that is streamed ends with its citations, and a model that answers is counted", async () => {
    const all = await lines(
      await server.post("/api/chat", { model: "kb/shared", messages: [{ role: "user", content: QUESTION }] }),
    );
    expect(all.at(-1)).toMatchObject({ done: true, citations: expect.any(Array), knowledge: { used: expect.any(String) } });
    expect(all.slice(0, -1).every(({ done, knowledge }) => done === false && knowledge === undefined)).toBe(true);
    expect(all.at(-1).prompt_eval_count).toBeGreaterThan(0);
  });

  test("tokens are those of the sources as well, and nothing is changed under the name of a base", async () => {
    const count = async (content: string) => {
      const body = { model: "kb/shared", messages: [{ role: "user", content }] };
      return (await object(await server.post("/v1/messages/count_tokens", body))).input_tokens;
    };
    expect(await count(QUESTION)).toBeGreaterThan(QUESTION.length + LIBRARY.length);
    expect(await count("Who built Zorblax?")).toBe(0);
    expect((await server.post("/api/copy", { source: "kb/shared", destination: "x" })).status).toBe(404);
    const removed = await server.app.request("/api/delete", { method: "DELETE", body: '{"model":"kb/shared"}' });
    expect(removed.status).toBe(404);
    expect((await server.app.request("/puna/knowledge/shared")).status).toBe(200);
  });
});
