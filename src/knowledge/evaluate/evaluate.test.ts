import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { breaking, handbook, type SmallBase, smallBase } from "../../../test/fixtures/small-base.ts";
import { PunaError } from "../../errors.ts";
import type { Evaluation } from "../rows/evaluations.ts";
import type { EvaluationRequest } from "./evaluations.ts";
import { addQuestions, makeQuestions } from "./questions.ts";
import type { Question, WantedQuestion } from "./types.ts";

let at: SmallBase;
beforeAll(async () => {
  at = await smallBase();
});
afterAll(() => at.close());

const add = async (questions: WantedQuestion[]) => await addQuestions(at.store, at.base, { questions, origin: "hand" });
const clear = async () => await at.store.writer.removeQuestions(at.base, undefined);

async function run(request: EvaluationRequest = {}, where = at): Promise<Evaluation> {
  const { id } = await where.store.evaluations.start(where.base, request);
  await where.store.evaluations.wait(id);
  return where.store.evaluations.byId(where.base, id);
}

const golden: WantedQuestion[] = [
  { question: "How long is the guarantee for garden tools?", quote: "two years", answer: "two years" },
  { question: "What does cleaning with water damage?", quote: "water damages the electric motor" },
  { question: "When are expenses paid back?", quote: "Expenses are paid back within ten working days", document: "expenses.md" },
  { question: "宿舍几点关门？", quote: "每晚十一点关门" },
  { question: "一位读者可以借阅几本图书？", quote: "八本", answer: "八本" },
  { question: "食堂早餐从几点开始？", quote: "早餐从六点半开始供应" },
  { question: "Who won the football championship?", expectsRefusal: true },
  { question: "如何申请游泳池的会员卡？", expectsRefusal: true },
];

describe("places of questions", () => {
  test("the quote as the document has it, or nearly, with the document's own words and their page", async () => {
    await clear();
    const { added, known, failed } = await add([
      { question: "Where do receipts go?", quote: "receipts go to the OFFICE , on the second floor" },
      { question: "几点关门？", quote: "每晚十一点关门，晚归" },
    ]);
    expect([added.length, known, failed]).toEqual([2, 0, []]);
    const [receipts, dorm] = at.store.evaluations.questions(at.base) as [Question, Question];
    expect(receipts.place).toMatchObject({ document: "expenses.md", quote: "Receipts go to the office on the second floor" });
    for (const { place } of [receipts, dorm]) {
      const { text } = at.store.text(at.base, place?.documentId ?? 0);
      expect(text.slice(place?.start, place?.end)).toBe(place?.quote);
    }
    expect(dorm.place?.document).toBe("宿舍.md");
    expect(await add([{ question: "几点关门？", quote: "每晚十一点关门，晚归" }])).toMatchObject({ added: [], known: 1 });
  });

  test("a place by its offsets", async () => {
    await clear();
    const document = at.store.documents(at.base).find(({ name }) => name === "leave.md");
    const { text } = at.store.text(at.base, document?.id ?? 0);
    const start = text.indexOf("twenty-five");
    await add([{ question: "How many days?", document: "leave.md", start, end: start + 11 }]);
    expect(at.store.evaluations.questions(at.base)[0]?.place).toMatchObject({ quote: "twenty-five", start, page: undefined });
    await expect(add([{ question: "?", document: "leave.md", start: 5, end: 99999 }])).rejects.toThrow("5 to 99999 is no place");
    await expect(add([{ question: "?", start: 5, end: 9 }])).rejects.toThrow("need the document that they count in");
    await expect(add([{ question: "?", document: "nothing.md", start: 5, end: 9 }])).rejects.toThrow('no document "nothing.md"');
  });

  test("nothing is guessed", async () => {
    await clear();
    await expect(add([{ question: "Why?" }])).rejects.toThrow("it has no place");
    await expect(add([{ question: " ", expectsRefusal: true }])).rejects.toThrow("the question is empty");
    await expect(add([{ question: "Why?", quote: "a sentence that nobody wrote" }])).rejects.toThrow("no document says");
    await expect(add([{ question: "Why?", quote: "guarantee" }])).rejects.toThrow("stands at several places");
    // What stands around tells which one is meant.
    await add([{ question: "Which?", quote: "guarantee", before: "excluded from this ", after: " after six months" }]);
    const some = await add([
      { question: "A?", quote: "the first class" },
      { question: "B?", quote: "nobody wrote that" },
    ]);
    expect([some.added.length, some.failed]).toEqual([
      1,
      [{ at: 2, question: "B?", reason: 'no document says "nobody wrote that": quote it as it stands there' }],
    ]);
  });

  test("a document that changes keeps its questions, one that no longer says it loses their place", async () => {
    const own = await smallBase({ "leave.md": handbook["leave.md"] ?? "", "garden.md": handbook["garden.md"] ?? "" });
    await addQuestions(own.store, own.base, {
      origin: "hand",
      questions: [
        { question: "How many days of leave?", quote: "twenty-five days" },
        { question: "Until when?", quote: "until the end of March" },
      ],
    });
    await own.write({ "leave.md": "# New\n\nAn introduction that moves all.\n\nEveryone has twenty-five days of leave a year." });
    const [first, second] = await own.store.evaluations.currentQuestions(own.base);
    const document = own.store.documents(own.base).find(({ name }) => name === "leave.md");
    expect(first?.place?.documentId).toBe(document?.id);
    expect(own.store.text(own.base, document?.id ?? 0).text.slice(first?.place?.start, first?.place?.end)).toBe(
      "twenty-five days",
    );
    expect(second?.place).toMatchObject({ documentId: undefined, quote: "until the end of March" });
    const { figures } = await run({}, own);
    expect([figures?.answerable, figures?.faults, figures?.at1]).toEqual([1, 1, 1]);
    await own.write({ "leave.md": handbook["leave.md"] ?? "" });
    expect((await run({}, own)).figures).toMatchObject({ answerable: 2, faults: 0 });
    await own.close();
  });
});

describe("questions that are made", () => {
  test("of sentences: with their place and their answer, the same each time, in both languages", async () => {
    const { signal } = new AbortController();
    const make = async () => {
      const { value } = await makeQuestions(at.store, at.base, { count: 8, signal }).next();
      return "questions" in value ? value.questions : [];
    };
    const made = await make();
    expect(made.length).toBeGreaterThanOrEqual(6);
    expect(await make()).toEqual(made);
    for (const { question, place, answer = "" } of made) {
      const text = at.store.text(at.base, place?.documentId ?? 0).text;
      expect(text.slice(place?.start, place?.end)).toBe(place?.quote);
      expect(place?.quote).toContain(answer);
      expect(question.split(" ")).not.toContain(answer);
      expect(question.split(" ").every((word) => place?.quote.includes(word))).toBe(true);
    }
    expect(made.some(({ question }) => /\p{Script=Han}/u.test(question))).toBe(true);
    expect(made.some(({ question }) => /[a-z]/.test(question))).toBe(true);
  });

  test("by a model: what does not stand in the passage is dropped", async () => {
    const replies = [
      '{"question": "What is it about?", "quote": "nothing that stands there"}',
      '{"question": "What does this passage say?", "quote": "the"}',
      "I would rather not.",
      '{"question": "", "quote": "the"}',
    ];
    let asked = 0;
    const complete = async (prompt: string) => {
      const reply = replies[asked++];
      if (reply !== undefined) return reply;
      const passage = prompt.split("\n\n").slice(2).join("\n\n");
      return JSON.stringify({ question: "Which words stand there?", quote: passage.slice(2, 30).toUpperCase() });
    };
    const { signal } = new AbortController();
    const making = makeQuestions(at.store, at.base, { count: 5, complete, signal });
    const steps = [];
    let step = await making.next();
    for (; !step.done; step = await making.next()) steps.push(step.value.completed);
    expect(steps).toEqual([1, 2, 3, 4, 5]);
    const { questions, dropped } = step.value;
    expect(dropped.map(({ reason }) => reason)).toEqual([
      "what the model quoted is not in the passage",
      "the model's question points at the passage",
      "the model did not reply with a question and a quote in JSON",
      "the model left the question or the quote empty",
    ]);
    const [{ place }] = questions as [Question];
    expect(at.store.text(at.base, place?.documentId ?? 0).text.slice(place?.start, place?.end)).toBe(place?.quote);
  });

  test("a base that has nothing to ask about says so", async () => {
    const empty = await smallBase({});
    await expect(run({ generate: 5 }, empty)).rejects.toThrow("no questions can be made");
    await expect(run({}, empty)).rejects.toThrow("has no questions to be judged by");
    await empty.close();
  });
});

describe("evaluations", () => {
  test("figures of what is found, what is refused and by what score", async () => {
    await clear();
    await add(golden);
    const { id, state, figures, questions, subject } = await run();
    expect([state, questions, subject.index]).toEqual(["done", 8, undefined]);
    expect(figures).toMatchObject({ answerable: 6, unanswerable: 2, faults: 0, at5: 1 });
    expect(figures?.gate.refused).toBe(1);
    expect(figures?.gate.answered).toBeGreaterThan(0.5);
    expect(figures?.gate.refusedWithout).toBeGreaterThan(0.5);
    for (const { expected, best, bestWithout } of at.store.evaluations.results(id))
      expect(expected ? (bestWithout ?? 100) < best : bestWithout === undefined).toBe(true);
    expect(figures?.curve.map(({ threshold }) => threshold)).toEqual(Array.from({ length: 21 }, (_, i) => i * 5));
    const answered = figures?.curve.map((point) => point.answered ?? 0) ?? [];
    expect(answered).toEqual([...answered].sort((a, b) => b - a));
    expect(answered[0]).toBe(1);
  });

  test("history, and what changed from one to another, question by question", async () => {
    await clear();
    await add(golden);
    const before = await run();
    const worse = await run({ threshold: 100 });
    expect(
      at.store.evaluations
        .list(at.base)
        .map(({ id }) => id)
        .slice(0, 2),
    ).toEqual([worse.id, before.id]);
    const { differenceOf } = await import("./diff.ts");
    const held = ({ id, settings }: Evaluation) => ({ results: at.store.evaluations.results(id), threshold: settings.threshold });
    const difference = differenceOf(held(before), held(worse));
    expect([difference.common, difference.better, difference.chance]).toEqual([8, [], 1]);
    expect(difference.worse.length).toBeGreaterThan(0);
    expect(differenceOf(held(worse), held(before)).better.length).toBe(difference.worse.length);
  });

  test("answers are checked: words, citations, refusals, sentences without a source", async () => {
    await clear();
    await add(golden.slice(0, 2).concat(golden.slice(6, 7)));
    const [guarantee] = at.store.evaluations.questions(at.base) as [Question];
    const place = guarantee.place;
    if (place?.documentId === undefined) throw new Error("it has no place");
    const citation = { documentId: place.documentId, start: place.start - 20, end: place.end };
    const replies: Record<string, object> = {
      [guarantee.question]: { text: "It lasts TWO  years. [1]", refused: false, citations: [citation], unsupported: [] },
      "Who won the football championship?": { text: "Nobody knows.", refused: true, citations: [], unsupported: [] },
    };
    const other = {
      text: "The battery.",
      refused: false,
      citations: [{ ...citation, start: 0, end: 3 }],
      unsupported: ["The battery."],
    };
    const model = { name: "liar", digest: "1" };
    const reply = async (question: string) => (replies[question] ?? other) as never;
    const { figures, id, subject } = await run({ answering: { model, reply } });
    expect(subject.model).toEqual(model);
    expect(figures?.answers).toEqual({ asked: 3, rightRefusals: 1, hasAnswer: 0.5, citesPlace: 0.5, supported: 0.5 });
    expect(at.store.evaluations.results(id)[1]?.reply).toMatchObject({
      hasAnswer: false,
      citesPlace: false,
      unsupported: ["The battery."],
    });
  });

  test("one at a time, to be canceled; what it found so far is kept", async () => {
    await clear();
    await add(golden);
    let asked = 0;
    const reply = async (_: string, signal: AbortSignal) => {
      asked++;
      if (asked === 3) await new Promise((_resolve, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
      return { text: "", refused: false, citations: [], unsupported: [] };
    };
    const started = await at.store.evaluations.start(at.base, { answering: { model: { name: "slow", digest: "1" }, reply } });
    while (asked < 3) await new Promise((resolve) => setTimeout(resolve, 5));
    const second = at.store.evaluations.start(at.base, {});
    await expect(second).rejects.toMatchObject({ status: 409 });
    const canceled = await at.store.evaluations.cancel(at.base, started.id);
    expect([canceled.state, canceled.done, canceled.figures]).toEqual(["canceled", 2, undefined]);
    expect((await run()).state).toBe("done");
  });

  test("one that a dead process left is said to have failed", async () => {
    await clear();
    await add(golden);
    const left = { base: at.base, kind: "search", questions: 1, worker: "elsewhere 1 x" } as const;
    const settings = { questions: "golden", threshold: 50, withoutDocument: false, answers: false } as const;
    const subject = { documents: 1, passages: 1, index: undefined };
    const { hostname } = await import("node:os");
    const gone = `${hostname()} 4194304999 x`;
    const { id } = await at.store.writer.startEvaluation({ ...left, settings, subject, worker: gone });
    await at.store.resume();
    expect(at.store.evaluations.byId(at.base, id)).toMatchObject({
      state: "failed",
      reason: expect.stringContaining("server ended"),
    });
  });

  test("one that is running when the server ends has failed, and keeps what it found", async () => {
    const own = await smallBase();
    await addQuestions(own.store, own.base, { questions: golden, origin: "hand" });
    let asked = 0;
    const reply = async (_: string, signal: AbortSignal) => {
      if (++asked === 2) await new Promise((_resolve, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
      return { text: "", refused: false, citations: [], unsupported: [] };
    };
    const { id } = await own.store.evaluations.start(own.base, { answering: { model: { name: "slow", digest: "1" }, reply } });
    while (asked < 2) await new Promise((resolve) => setTimeout(resolve, 5));
    await own.store.evaluations.close();
    expect(own.store.evaluations.byId(own.base, id)).toMatchObject({
      state: "failed",
      done: 1,
      reason: expect.stringContaining("server ended"),
    });
    await own.close();
  });

  test("a model that is broken ends it soon, and says how", async () => {
    await clear();
    await add(golden);
    const reply = async () => {
      throw new PunaError(500, "the runner died");
    };
    const { state, reason, done } = await run({ answering: { model: { name: "dead", digest: "1" }, reply } });
    expect([state, reason, done]).toEqual(["failed", "the runner died", 4]);
  });
});

describe("comparing indexes", () => {
  const build = async (name: string): Promise<number> => {
    const { digest } = await at.store.embedder(name);
    const space = await at.store.writer.openSpace(at.base, { name, digest });
    const { fillSpace } = await import("../fill.ts");
    await fillSpace(at.store.writer, space, await at.store.embedder(name));
    return space.id;
  };

  async function compare(a: number, b: number) {
    const { id } = await at.store.evaluations.compare(at.base, { a, b });
    await at.store.evaluations.wait(id);
    return at.store.evaluations.byId(at.base, id);
  }

  test("words, each index alone and with the words, and which one to use", async () => {
    await clear();
    const [bag, blind] = [await build("bag"), await build("blind")];
    const { comparison, settings, done } = await compare(blind, bag);
    expect([settings.questions, comparison?.questions]).toEqual(["sentences", done]);
    expect(comparison?.words.at5).toBeGreaterThan(0.9);
    expect(comparison?.b.alone?.at1).toBeGreaterThan((comparison?.a.alone?.at1 ?? 1) + 0.3);
    expect(comparison?.b.fault).toBeUndefined();
    expect(at.store.byId(at.base).liveSpace).toBeUndefined();
    await add(golden);
    expect((await compare(blind, bag)).comparison).toMatchObject({ questions: 6 });
    await expect(compare(bag, bag)).rejects.toThrow("cannot be compared with itself");
  });

  test("an embedder that fails is reported, and the other is judged all the same", async () => {
    await clear();
    await add(golden);
    breaking.fails = false;
    const [bag, broken] = [await build("bag"), await build("broken")];
    breaking.fails = true;
    const { state, comparison } = await compare(bag, broken);
    expect([state, comparison?.b.fault, comparison?.b.hybrid]).toEqual([
      "done",
      expect.stringContaining("the graphics card is on fire"),
      undefined,
    ]);
    expect(comparison?.recommendation).toMatchObject({ use: "a", sentence: "Only bag could be asked: broken failed." });
    expect(comparison?.a.hybrid?.at5).toBeGreaterThan(0.8);
  });
});
