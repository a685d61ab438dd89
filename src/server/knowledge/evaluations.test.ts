import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { lines, type TestServer, testServer } from "../../../test/fixtures/server.ts";
import { handbook } from "../../../test/fixtures/small-base.ts";
import { KnowledgeApi } from "../../../test/support/knowledge-api.ts";
import { configureLog } from "../../log.ts";

configureLog({ write: () => {} });

let server: TestServer;
let api: KnowledgeApi;
let count = 0;
let base = "";
beforeAll(async () => {
  server = await testServer();
  await server.make("m", { jinja: "{% for message in messages %}{{ message.content }}{% endfor %}" });
  await server.make("first", { pooling: 1 });
  await server.make("second", { pooling: 1 });
  api = new KnowledgeApi(server);
});
afterAll(() => server.close());
beforeEach(async () => {
  base = `evaluated${++count}`;
  await api.ask("POST", "", { name: base });
  const items = Object.entries(handbook).map(([name, text]) => ({ name, text }));
  await api.add(base, { items });
});

const questions = [
  { question: "How long is the guarantee for garden tools?", quote: "two years" },
  { question: "宿舍几点关门？", quote: "每晚十一点关门", answer: "十一点" },
  { question: "Who won the football championship?", expects_refusal: true },
];
const asLines = questions.map((one) => JSON.stringify(one)).join("\n");

async function evaluated(body: object = {}) {
  const { evaluation } = await api.ask("POST", `/${base}/evaluations`, body);
  const news = await lines(await api.send("GET", `/${base}/evaluations/${evaluation.id}/events`));
  expect(news.at(-1).evaluation.state).not.toBe("running");
  return await api.ask("GET", `/${base}/evaluations/${evaluation.id}`);
}

describe("questions", () => {
  test("one by one, as a file, listed, exported into another base, removed", async () => {
    const one = await api.ask("POST", `/${base}/questions`, questions[0]);
    const more = await api.ask("POST", `/${base}/questions`, asLines);
    expect([one.added.length, more.added.length, more.known, more.failed]).toEqual([1, 2, 1, []]);
    const listed = await api.ask("GET", `/${base}/questions?limit=2`);
    expect(listed).toMatchObject({ total: 3, next: listed.questions[1].id });
    expect(listed.questions[1]).toMatchObject({
      origin: "file",
      answer: "十一点",
      place: { document: "宿舍.md", quote: "每晚十一点关门" },
    });
    const next = await api.ask("GET", `/${base}/questions?limit=2&after=${listed.next}`);
    expect(next).toMatchObject({ next: null, questions: [{ expects_refusal: true, place: null }] });

    for (const format of ["jsonl", "csv"]) {
      const file = await (await api.send("GET", `/${base}/questions/export?format=${format}`)).text();
      const other = `${base} ${format}`;
      await api.ask("POST", "", { name: other });
      await api.add(other, { items: Object.entries(handbook).map(([name, text]) => ({ name, text: `# Moved\n\n${text}` })) });
      expect(await api.ask("POST", `/${other}/questions`, file)).toMatchObject({ known: 0, failed: [] });
      const copied = (await api.ask("GET", `/${other}/questions`)).questions;
      expect(copied.map((copy: { place: { quote: string } | null }) => copy.place?.quote)).toEqual([
        "two years",
        "每晚十一点关门",
        undefined,
      ]);
    }
    await api.ask("DELETE", `/${base}/questions/${one.added[0]}`);
    expect(await api.ask("DELETE", `/${base}/questions?origin=file`)).toEqual({ removed: 2 });
  });

  test("what cannot be used says why, and nothing is lost by it", async () => {
    const refused = async (body: unknown) => await api.refused("POST", `/${base}/questions`, body);
    expect(await refused({ question: "Why?", quote: "nobody wrote this" })).toEqual([
      400,
      expect.stringContaining("no document says"),
    ]);
    expect(await refused("question,quote\nA?,nobody wrote\nB?,nor this")).toEqual([
      400,
      expect.stringContaining("none of the 2 questions"),
    ]);
    expect(await refused("just a text")).toEqual([400, expect.stringContaining("must name the columns")]);
    expect(await refused("")).toEqual([400, "there are no questions: the text is empty"]);
    const some = await api.ask("POST", `/${base}/questions`, "question,quote\nA?,two years\nB?,nobody wrote this");
    expect(some).toMatchObject({ failed: [{ at: 2, question: "B?" }] });
    expect(await api.refused("DELETE", `/${base}/questions`)).toEqual([400, expect.stringContaining("all=true")]);
    expect(await api.refused("DELETE", `/${base}/questions/999999`)).toEqual([
      404,
      expect.stringContaining("no question 999999"),
    ]);
    expect(await api.ask("DELETE", `/${base}/questions?all=true`)).toEqual({ removed: 1 });
  });

  test("made of sentences; by a model that cannot, all are dropped and said so", async () => {
    const made = await lines(await api.send("POST", `/${base}/questions/generate`, { count: 6 }));
    expect(made.at(-1)).toMatchObject({ status: "success", added: expect.arrayContaining([expect.any(Number)]), dropped: [] });
    const again = await lines(await api.send("POST", `/${base}/questions/generate`, { count: 6 }));
    expect(again.at(-1)).toMatchObject({ added: [], known: made.at(-1).added.length });
    const byModel = await lines(await api.send("POST", `/${base}/questions/generate`, { count: 3, model: "m" }));
    expect(byModel.map(({ completed }) => completed)).toEqual([1, 2, 3, undefined]);
    expect(byModel.at(-1)).toMatchObject({ status: "success", added: [] });
    expect(byModel.at(-1).dropped).toHaveLength(3);
    expect(await api.refused("POST", `/${base}/questions/generate`, { count: 0 })).toEqual([
      400,
      expect.stringContaining("count is 0"),
    ]);
    expect((await api.refused("POST", `/${base}/questions/generate`, { model: "nobody" }))[0]).toBe(404);
    expect((await api.refused("POST", `/${base}/questions/generate`, { model: "first" }))[0]).toBe(400);
  });
});

describe("evaluations", () => {
  test("of the base's own questions, with history and what changed", async () => {
    expect(await api.refused("POST", `/${base}/evaluations`, {})).toEqual([400, expect.stringContaining("has no questions")]);
    await api.ask("POST", `/${base}/questions`, asLines);
    const first = await evaluated();
    expect(first.evaluation).toMatchObject({
      state: "done",
      questions: 3,
      done: 3,
      settings: { questions: "golden", answers: false },
      subject: { documents: 6, index: null, model: null },
      figures: { answerable: 2, unanswerable: 1, faults: 0, recall_at_5: 1 },
    });
    expect(first.results.map(({ rank }: { rank: number }) => rank > 0)).toEqual([true, true, false]);
    const second = await evaluated({ threshold: 100 });
    const { evaluations } = await api.ask("GET", `/${base}/evaluations`);
    expect(evaluations.map(({ id }: { id: number }) => id)).toEqual([second.evaluation.id, first.evaluation.id]);
    const difference = await api.ask("GET", `/${base}/evaluations/${second.evaluation.id}/difference`);
    expect(difference).toMatchObject({ common: 3, only_before: 0, better: [], recall_before: { recall_at_5: 1 } });
    expect(await api.refused("GET", `/${base}/evaluations/${first.evaluation.id}/difference`)).toEqual([404, expect.any(String)]);
    await api.ask("DELETE", `/${base}/evaluations/${first.evaluation.id}`);
    expect((await api.ask("GET", `/${base}/evaluations`)).evaluations).toHaveLength(1);
  });

  test("of questions that are given or made for this once", async () => {
    const given = await evaluated({ questions: "question,quote\nA?,two years\nB?,nobody wrote this" });
    expect(given.evaluation).toMatchObject({ questions: 1, settings: { questions: "given" } });
    const made = await evaluated({ generate: 5 });
    expect(made.evaluation).toMatchObject({ questions: 5, settings: { questions: "sentences" }, figures: { answerable: 5 } });
    expect((await api.ask("GET", `/${base}/questions`)).total).toBe(0);
  });

  test("answers by a model that cannot give one: each question says why", async () => {
    await api.ask("POST", `/${base}/questions`, asLines);
    const { evaluation, results } = await evaluated({ model: "m", threshold: 0 });
    expect(evaluation).toMatchObject({ state: "done", subject: { model: { name: "m:latest" } }, settings: { answers: true } });
    expect(evaluation.figures).toMatchObject({ faults: 2, answers: { asked: 1, right_refusals: 1 } });
    for (const { fault } of results.slice(0, 2)) expect(fault).toContain("raise num_ctx");
    expect((await api.refused("POST", `/${base}/evaluations`, { model: "nobody" }))[0]).toBe(404);
  });

  test("one at a time, and it can be canceled while the base is searched", async () => {
    await api.ask("POST", `/${base}/questions`, asLines);
    const { evaluation } = await api.ask("POST", `/${base}/evaluations`, { generate: 40, model: "m" });
    expect((await api.refused("POST", `/${base}/evaluations`, {}))[0]).toBe(409);
    expect((await api.ask("POST", `/${base}/search`, { query: "guarantee" })).hits.length).toBeGreaterThan(0);
    const canceled = (await api.ask("DELETE", `/${base}/evaluations/${evaluation.id}`)).evaluation;
    expect(canceled).toMatchObject({ state: "canceled", figures: null });
    expect((await evaluated()).evaluation.state).toBe("done");
  });

  test("a base that goes takes its evaluation along", async () => {
    await api.ask("POST", `/${base}/questions`, asLines);
    const { evaluation } = await api.ask("POST", `/${base}/evaluations`, { generate: 40, model: "m" });
    await api.ask("DELETE", `/${base}`);
    expect((await api.send("GET", `/${base}/evaluations/${evaluation.id}`)).status).toBe(404);
  });
});

test("two indexes are compared, one goes live, and gives its place back", async () => {
  const build = async (embedder: string) => {
    const { index, job } = await api.ask("POST", `/${base}/indexes`, { embedder });
    await api.ended(base, job.id);
    return index.id;
  };
  const [a, b] = [await build("first"), await build("second")];
  await api.ask("POST", `/${base}/questions`, asLines);
  const { evaluation } = await api.ask("POST", `/${base}/compare`, { a: "first", b });
  expect(evaluation).toMatchObject({
    kind: "compare",
    state: "done",
    questions: 2,
    comparison: { a: { index: a, embedder: "first:latest", fault: null }, words: { recall_at_5: 1 } },
  });
  // Both give every text the same vector.
  expect(evaluation.comparison.recommendation.use).toBe("words");
  const ranked = (await api.ask("GET", `/${base}/evaluations/${evaluation.id}`)).results;
  expect(ranked).toHaveLength(2);
  expect(await api.ask("POST", `/${base}/indexes/${a}/live`)).toMatchObject({ live_index: a });
  expect(await api.ask("POST", `/${base}/indexes/${b}/live`)).toMatchObject({ live_index: b, previous_index: a });
  expect((await evaluated()).evaluation.subject.index).toMatchObject({ id: b, embedder: "second:latest" });
  expect(await api.ask("POST", `/${base}/rollback`)).toMatchObject({ live_index: a });
  expect((await api.ask("GET", `/${base}/indexes`)).indexes).toHaveLength(2);

  await server.app.request("/api/delete", { method: "DELETE", body: JSON.stringify({ model: "second" }) });
  const without = (await api.ask("POST", `/${base}/compare`, { a, b })).evaluation;
  expect(without).toMatchObject({ state: "done", comparison: { b: { fault: expect.stringContaining("second") } } });
  expect((await api.refused("POST", `/${base}/compare`, { a, b: "nothing" }))[0]).toBe(404);
});
