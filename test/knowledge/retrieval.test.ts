/** Public question sets, from the test data beside the repository: what is asked of a paragraph is found in it, and refused without it. */
import { existsSync, readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Shelf, shelf } from "../support/shelf.ts";

const folder = new URL("../../../shared/data/retrieval/", import.meta.url);
const present = existsSync(folder);

interface Article {
  paragraphs: { context: string; qas: { question: string }[] }[];
}

interface Paragraph {
  document: string;
  article: number;
  text: string;
  questions: string[];
}

function readParagraphs(file: string): Paragraph[] {
  const { data } = JSON.parse(readFileSync(new URL(file, folder), "utf8")) as { data: Article[] };
  return data.flatMap(({ paragraphs }, article) =>
    paragraphs.map(({ context, qas }, i) => ({
      document: `${article}-${i}.txt`,
      article,
      text: context,
      // One of CMRC's is empty.
      questions: qas.map(({ question }) => question).filter((question) => question.trim() !== ""),
    })),
  );
}

const textsOf = (paragraphs: readonly Paragraph[]) =>
  Object.fromEntries(paragraphs.map(({ document, text }) => [document, text]));

describe.skipIf(!present)(`retrieval${present ? "" : " (skipped: no ../shared/data/retrieval)"}`, () => {
  describe.each(["xquad.en.json", "xquad.zh.json", "cmrc2018_trial.json"])("%s by words alone", (file) => {
    let paragraphs: Paragraph[];
    let base: Shelf | undefined;
    beforeAll(() => {
      paragraphs = readParagraphs(file);
    });
    afterAll(() => base?.close());

    test("what is there is found, and scored as an answer", async () => {
      base = await shelf(textsOf(paragraphs));
      const asked = paragraphs.flatMap(({ questions, document }) => questions.map((question) => ({ question, document })));
      let [found, answered] = [0, 0];
      for (const { question, document } of asked) {
        const { hits, best, threshold } = await base.search(question, { limit: 5 });
        if (hits.some((hit) => hit.document === document)) found++;
        if (best >= threshold) answered++;
      }
      expect(found / asked.length).toBeGreaterThanOrEqual(0.98);
      expect(answered / asked.length).toBeGreaterThanOrEqual(0.93);
    });

    test("what never was there is refused", async () => {
      const isThere = ({ article }: Paragraph) => article % 2 !== 0;
      const without = await shelf(textsOf(paragraphs.filter(isThere)));
      const asked = paragraphs.filter((paragraph) => !isThere(paragraph)).flatMap(({ questions }) => questions);
      let refused = 0;
      for (const question of asked) {
        const { best, threshold } = await without.search(question);
        if (best < threshold) refused++;
      }
      await without.close();
      expect(refused / asked.length).toBeGreaterThanOrEqual(0.85);
    });
  });
});
