import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { readQuestions } from "./read-questions.ts";
import type { Question } from "./types.ts";
import { writeQuestions } from "./write-questions.ts";

/** Without the fields that are not there. */
const read = (text: string) => readQuestions(text).map((one) => JSON.parse(JSON.stringify(one)));

describe("forms", () => {
  test("JSON lines, one object, an array, an object with questions", () => {
    const one = { question: "How long?", quote: "two years", document: "garden.md", answer: "two" };
    for (const text of [JSON.stringify(one), JSON.stringify([one]), JSON.stringify({ questions: [one] }, null, 2)])
      expect(read(text)).toEqual([one]);
    expect(read(`\uFEFF${JSON.stringify(one)}\r\n\r\n{"question":"Why?","expects_refusal":true}\n`)).toEqual([
      one,
      { question: "Why?", expectsRefusal: true },
    ]);
  });

  test("a line that is no JSON, or no question, is said to be one; the others are read", () => {
    expect(read('{"question":"A?","quote":"a"}\n{"question":\n{"quote":"b"}\n7')).toEqual([
      { question: "A?", quote: "a" },
      { question: '{"question":', reason: "this line is no JSON" },
      { question: "", reason: "it has no question" },
      { question: "7", reason: "it is no object with a question" },
    ]);
  });

  test("SQuAD: the answer that is nearest to its start, and questions without one", () => {
    const context = "It lasts two years. Batteries last two months.";
    const qas = [
      { question: "How long do batteries last?", answers: [{ text: "two", answer_start: 36 }] },
      { question: "What does it cost?", answers: [], is_impossible: true },
      { question: "Where?", answers: [{ text: "nowhere", answer_start: 3 }] },
    ];
    const squad = JSON.stringify({ version: "2", data: [{ title: "T", paragraphs: [{ context, qas }] }] });
    expect(read(squad)).toEqual([
      {
        question: "How long do batteries last?",
        quote: "two",
        before: "It lasts two years. Batteries last ",
        after: " months.",
        answer: "two",
      },
      { question: "What does it cost?", expectsRefusal: true },
      { question: "Where?", reason: 'its answer "nowhere" is not in its context' },
    ]);
  });

  test("a line a question as data sets on the web have them", () => {
    const line = (answers: object) => JSON.stringify({ id: 1, context: "宿舍十一点关门。", question: "几点关门？", answers });
    expect(read(`${line({ text: ["十一点"], answer_start: [2] })}\n${line({ text: [], answer_start: [] })}`)).toEqual([
      { question: "几点关门？", quote: "十一点", before: "宿舍", after: "关门。", answer: "十一点" },
      { question: "几点关门？", expectsRefusal: true },
    ]);
  });

  test("CSV with columns in any order, also Chinese ones and semicolons", () => {
    expect(read('Document,Question,quote\n"a, b.md","Is ""it"" so?","one\ntwo"\n\n')).toEqual([
      { question: 'Is "it" so?', quote: "one\ntwo", document: "a, b.md" },
    ]);
    expect(read("问题;答案;引文;拒答\n几点关门？;十一点;每晚十一点关门;\n多少钱？;;;是\n")).toEqual([
      { question: "几点关门？", answer: "十一点", quote: "每晚十一点关门" },
      { question: "多少钱？", expectsRefusal: true },
    ]);
  });

  test("what is no list of questions", () => {
    expect(() => readQuestions(" \n")).toThrow("there are no questions: the text is empty");
    expect(() => readQuestions("some text\nmore text")).toThrow(
      'the first line must name the columns, one of them "question"; it is "some text"',
    );
    expect(() => readQuestions("{not json\n[nor this")).toThrow("neither JSON nor JSON lines");
  });
});

describe("what is written is read again", () => {
  const text = fc.string({ unit: "grapheme", minLength: 1, maxLength: 40 }).map((one) => one.replace(/[\r\uFEFF]/g, ""));
  const word = text.filter((one) => one.trim() !== "").map((one) => one.trim());
  const question: fc.Arbitrary<Question> = fc.record({
    id: fc.nat(),
    question: word,
    place: fc.option(
      fc.record({
        ...{ document: word.filter((one) => !/^\d+$/.test(one)), documentId: fc.nat(), start: fc.nat(), end: fc.nat() },
        ...{ quote: word, before: word, after: word },
      }),
      { nil: undefined },
    ),
    answer: fc.option(word, { nil: undefined }),
    origin: fc.constant("hand"),
    createdAt: fc.nat(),
  });
  test.each(["jsonl", "csv"] as const)("%s", (format) => {
    fc.assert(
      fc.property(fc.array(question, { minLength: 1, maxLength: 5 }), (questions) => {
        const expected = questions.map(({ question: asked, place, answer }) => {
          if (!place) return { question: asked, expectsRefusal: true };
          const { quote, before, after, document, start, end } = place;
          return { question: asked, quote, before, after, ...(answer !== undefined && { answer }), document, start, end };
        });
        expect(read(writeQuestions(questions, format))).toEqual(expected);
      }),
    );
  });

  test("no text makes the reader fail in another way than by saying so", () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.json(),
          fc.constant("question\n").chain((head) => fc.string().map((s) => head + s)),
        ),
        (any) => {
          try {
            for (const one of readQuestions(any)) expect(typeof one.question).toBe("string");
          } catch (error) {
            expect((error as { status?: number }).status).toBe(400);
          }
        },
      ),
    );
  });
});
