/** Public question sets, from the test data beside the repository: what is asked of a paragraph is found in it. */
import { existsSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { shelf } from "../support/shelf.ts";

const folder = new URL("../../../shared/data/retrieval/", import.meta.url);
const present = existsSync(folder);

interface Article {
  paragraphs: { context: string; qas: { question: string }[] }[];
}

describe.skipIf(!present)(`retrieval${present ? "" : " (skipped: no ../shared/data/retrieval)"}`, () => {
  test.each(["xquad.en.json", "xquad.zh.json", "cmrc2018_trial.json"])("%s by words alone", async (file) => {
    const { data } = JSON.parse(readFileSync(new URL(file, folder), "utf8")) as { data: Article[] };
    const paragraphs = data.flatMap((article) => article.paragraphs);
    const base = await shelf(Object.fromEntries(paragraphs.map(({ context }, i) => [`${i}.txt`, context])));
    // One of CMRC's questions is empty.
    const asked = paragraphs
      .flatMap(({ qas }, i) => qas.map(({ question }) => ({ question, document: `${i}.txt` })))
      .filter(({ question }) => question.trim() !== "");
    let found = 0;
    let answered = 0;
    for (const { question, document } of asked) {
      const { hits, best, threshold } = await base.search(question, { limit: 5 });
      if (hits.some((hit) => hit.document === document)) found++;
      if (best >= threshold) answered++;
    }
    await base.close();
    expect(found / asked.length).toBeGreaterThanOrEqual(0.98);
    expect(answered / asked.length).toBeGreaterThanOrEqual(0.93);
  });
});
