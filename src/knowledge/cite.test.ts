import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type CiteOptions, Citer } from "./cite.ts";
import type { Source } from "./sources.ts";

const mill = `Preface.\n\nThe mill at the weir was built in 1803. It has two wheels, of which one still turns. On Sundays the miller grinds rye for visitors.`;
const smithy = "The smithy closes at noon. Its owner, Ada Brenner, sells hinges of wrought iron.";
const library = "图书室每人每次最多可以借五本书，借期一个月。管理员是林小满。周一闭馆。";

const sourceOf = (number: number, document: string, whole: string, start = 0): Source => ({
  number,
  document,
  documentId: number,
  headings: [],
  page: number,
  start,
  end: whole.length,
  text: whole.slice(start),
  whole: start === 0,
  score: 50,
});
const sources = [sourceOf(1, "mill.md", mill, 10), sourceOf(2, "smithy.txt", smithy), sourceOf(3, "规则.docx", library)];
const texts = [mill, smithy, library];

function cite(answer: string, options: Partial<CiteOptions> = {}, pieces = [answer]) {
  const citer = new Citer(sources, { question: "", ...options });
  let text = "";
  for (const piece of pieces) text += citer.push(piece);
  text += citer.end();
  return { text, ...citer.result };
}

describe("numbers in an answer", () => {
  test("that are right stay where they are, with the place in the document", () => {
    const { text, citations, repaired } = cite("The mill was built in 1803 [1]. The smithy closes at noon [2].");
    expect(text).toBe("The mill was built in 1803 [1]. The smithy closes at noon [2].");
    expect(repaired).toBe(0);
    expect(citations).toMatchObject([
      { number: 1, document: "mill.md", page: 1, text: "The mill at the weir was built in 1803.", answerStart: 0, answerEnd: 31 },
      { number: 2, document: "smithy.txt", text: "The smithy closes at noon." },
    ]);
    expect(mill.slice(citations[0]!.start, citations[0]!.end)).toBe(citations[0]!.text);
  });

  test.each([
    ["wrong", "The mill was built in 1803 [2].", "The mill was built in 1803 [1]."],
    ["out of range", "The mill was built in 1803 [7].", "The mill was built in 1803 [1]."],
    [
      "missing",
      "The mill was built in 1803. Ada Brenner owns the smithy.",
      "The mill was built in 1803. [1] Ada Brenner owns the smithy. [2]",
    ],
    ["missing, in Chinese", "每次最多可以借五本书。管理员是林小满。", "每次最多可以借五本书。[3]管理员是林小满。[3]"],
    [
      "behind the full stop",
      "The mill was built in 1803.[2] It has two wheels.[1]",
      "The mill was built in 1803.[1] It has two wheels.[1]",
    ],
    ["one too many", "The mill was built in 1803 [1, 2].", "The mill was built in 1803 [1]."],
    ["in other brackets", "管理员是林小满【1】。", "管理员是林小满[3]。"],
    ["in words", "The smithy closes at noon [source 2].", "The smithy closes at noon [2]."],
    ["before the sentence", "[2] The mill at the weir was built in 1803.", "[1] The mill at the weir was built in 1803."],
    [
      "before each sentence",
      "[1] The mill was built in 1803. [1] The smithy closes at noon.",
      "[1] The mill was built in 1803. [2] The smithy closes at noon.",
    ],
    ["beside what nobody says", "Whales sing across oceans for days [1].", "Whales sing across oceans for days."],
    ["before what nobody says", "[1] Whales sing across oceans for days.", "Whales sing across oceans for days."],
  ])("that are %s are put right", (_, said, expected) => {
    const { text, repaired } = cite(said);
    expect(text).toBe(expected);
    expect(repaired > 0).toBe(_ !== "in words");
  });

  test.each([
    "```js\nlist[1] = the mill was built in 1803;\n```\n",
    "See [2](https://example.org/mill).",
    "The interval [0, 1] is closed.",
    "## The mill was built in 1803\n",
    "Shall I say more about the mill that was built in 1803?",
    "Sure!",
  ])("do not come into what is no statement: %j", (answer) => {
    expect(cite(answer).text).toBe(answer);
    expect(cite(answer).citations).toEqual([]);
  });

  test("rows of a table stay rows", () => {
    const answer = "| what | when |\n|---|---|\n| The mill at the weir was built | 1803 |\n";
    expect(cite(answer)).toMatchObject({ text: answer, citations: [{ number: 1 }] });
  });

  test("JSON is not touched", () => {
    const answer = '{"year": "The mill was built in 1803", "refs": [2]}';
    expect(cite(answer, { asIs: true }).text).toBe(answer);
  });
});

describe("support", () => {
  test("a sentence that no source says is marked with its place in the answer", () => {
    const answer = "The mill was built in 1803 [1]. Its first owner kept forty geese in the cellar.";
    const { unsupported, text } = cite(answer);
    expect(unsupported).toMatchObject([{ reason: "unsupported" }]);
    expect(text.slice(unsupported[0]!.start, unsupported[0]!.end)).toBe("Its first owner kept forty geese in the cellar.");
  });

  test.each(["The mill at the weir was built in 1830 [1].", "图书室每人每次最多可以借15本书[3]。"])(
    "another number is another statement: %s",
    (answer) => {
      expect(cite(answer)).toMatchObject({ citations: [], unsupported: [{ reason: "unsupported" }] });
    },
  );

  test("a number may be written in another way", () => {
    expect(cite("每人每次最多可以借5本书。").citations).toMatchObject([{ number: 3 }]);
    expect(cite("The mill at the weir has 2 wheels.").citations).toMatchObject([{ number: 1 }]);
  });

  test.each([
    ["1803", 1],
    ["Ada Brenner.", 2],
    ["林小满。", 3],
    ["五本。", 3],
  ])("the shortest answers have places too: %s", (answer, number) => {
    expect(cite(answer).citations).toMatchObject([{ number }]);
  });

  test("an answer in another writing than its source is not judged", () => {
    const citer = new Citer([sources[0]!], { question: "" });
    citer.push("这座磨坊已经有两百多年的历史，至今还在运转。");
    citer.end();
    expect(citer.result.unsupported).toMatchObject([{ reason: "unchecked" }]);
  });
});

describe("a model that quotes", () => {
  test("gets its slips and its number put right", () => {
    const { text, citations, restored } = cite("[1] Its owner, Ada Brener, sels hinges of wrought irn.", {
      quotes: true,
      strict: true,
    });
    expect(text).toBe("[2] Its owner, Ada Brenner, sells hinges of wrought iron.");
    expect(restored).toBe(1);
    expect(citations).toMatchObject([{ number: 2, start: 27, end: smithy.length, verbatim: true }]);
    expect(cite("[1] 图书室每人每次最多可以供五本书，借斯一个月。", { quotes: true }).text).toBe(
      "[3] 图书室每人每次最多可以借五本书，借期一个月。",
    );
  });

  test("says a sentence once", () => {
    const said = "[2] The smithy closes at noon.";
    expect(cite(`${said} ${said} ${said}`, { quotes: true }).text.trim()).toBe(said);
  });

  test("and says nothing that is in the sources is refused", () => {
    expect(cite("[2] 水水水水水水水水水水水水。", { quotes: true, strict: true })).toMatchObject({
      text: "",
      refused: true,
      leftOut: 1,
    });
  });
});

describe("documents only", () => {
  test.each([
    "The passages do not say.",
    "这些资料里没有说明。",
    "I could not find this in the documents.",
    "文档中没有提到这一点。",
  ])("%s is a refusal", (answer) => expect(cite(answer, { strict: true })).toMatchObject({ text: "", refused: true }));

  test("an answer from nowhere is held back", () => {
    const answer = "Whales sing across oceans for days. Their songs change every year.";
    expect(cite(answer, { strict: true })).toMatchObject({ text: "", refused: true });
    expect(cite(answer)).toMatchObject({ text: answer, refused: false });
  });

  test("comes out from the first sentence with support on", () => {
    const citer = new Citer(sources, { question: "", strict: true });
    expect(citer.push("Sure! The mill was built in 1803. ")).toBe("");
    expect(citer.push("It has")).toBe("Sure! The mill was built in 1803. [1] It has");
  });
});

describe("whatever comes", () => {
  /** Without what may be a marker, and without white space. */
  const bare = (text: string) => text.replace(/[[【]\^?\s?\d[\d, ]*[\]】]/g, "").replace(/\s+/g, "");
  const piece = fc.oneof(
    fc.constantFrom(
      ...[
        "The mill was built in 1803",
        "[1]",
        "[2, 3]",
        "[",
        "]",
        "【3】",
        ". ",
        "。",
        "\n",
        "\n\n",
        " ",
        "- ",
        "| a |",
        "```\n",
        "# ",
        "? ",
        "Dr. ",
        "3.5",
        "[7](",
        "借期一个月",
        "the smithy closes at noon",
        "He",
        "\u0000",
        "\ud800",
        "😀",
        "[^2]",
        "It is. [1] And",
      ],
    ),
    fc.string({ unit: "grapheme", maxLength: 12 }),
  );
  const answers = fc.array(piece, { maxLength: 30 }).map((pieces) => pieces.join(""));
  const modes = fc.record({ quotes: fc.boolean(), strict: fc.boolean(), asIs: fc.constant(false) });

  test("ranges slice to what they claim, in the document and in the answer", () => {
    fc.assert(
      fc.property(answers, modes, (answer, mode) => {
        const { text, citations, unsupported, refused } = cite(answer, mode);
        for (const { number, start, end, text: quote } of citations) {
          expect(texts[number - 1]!.slice(start, end)).toBe(quote);
          expect(quote.trim()).toBe(quote);
          expect(quote).not.toBe("");
        }
        if (refused && mode.strict) {
          expect(text).toBe("");
          return;
        }
        for (const { start, end, text: said } of unsupported) expect(bare(text.slice(start, end))).toBe(bare(said));
        for (const { number, answerStart, answerEnd } of citations)
          expect(text.slice(answerStart, answerEnd)).not.toBe(`[${number}]`);
      }),
      { numRuns: 300 },
    );
  });

  test("the same comes out however the answer was cut", () => {
    fc.assert(
      fc.property(answers, modes, fc.array(fc.nat(20), { maxLength: 40 }), (answer, mode, cuts) => {
        // A model's text comes in whole characters.
        const characters = Array.from(answer);
        const pieces: string[] = [];
        let at = 0;
        for (const cut of cuts) {
          pieces.push(characters.slice(at, at + cut).join(""));
          at += cut;
        }
        pieces.push(characters.slice(at).join(""));
        expect(cite(answer, mode, pieces)).toEqual(cite(answer, mode));
      }),
      { numRuns: 300 },
    );
  });

  test("nothing but numbers changes", () => {
    fc.assert(
      fc.property(answers, (answer) => {
        expect(bare(cite(answer).text)).toBe(bare(answer));
        expect(cite(answer, { asIs: true }).text).toBe(answer);
      }),
      { numRuns: 300 },
    );
  });
});
