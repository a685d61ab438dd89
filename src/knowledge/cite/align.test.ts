/** Sentences said in fewer and other words, among sources about other things: each is cited from its own sentence, letter by letter. */
import { describe, expect, test } from "vitest";
import { village } from "../../../test/fixtures/village.ts";
import { Citer } from "../cite.ts";
import type { Source } from "../sources.ts";
import { unitsOf } from "./units.ts";

const sourceOf = (text: string, i: number): Source => ({
  number: i + 1,
  document: `${i}.txt`,
  documentId: i,
  headings: [],
  start: 0,
  end: text.length,
  text,
  whole: true,
  score: 50,
});

/** A sentence without every third of its words (of characters, without every fifth), but with its numbers. */
function shortened(sentence: string): string {
  const isWords = /\s/.test(sentence);
  const pieces = isWords ? sentence.split(/(?<=\s)/) : [...sentence];
  const nth = isWords ? 3 : 5;
  return pieces.filter((piece, i) => i % nth !== nth - 1 || /[\p{N}.。]|[a-z]ty\b/u.test(piece)).join("");
}

/** Every sentence of the village, and the seven sources that an answer is made from: its own place and six others. */
const cases = (["english", "chinese"] as const).flatMap((language) =>
  village.flatMap((place, at) => {
    const texts = Array.from({ length: 7 }, (_, i) => village[(at + i * 3) % village.length]?.[language] ?? "");
    const own = (at * 5) % texts.length;
    texts.splice(own, 0, texts.shift() ?? "");
    return unitsOf(place[language]).map(({ start, end }) => ({ language, texts, own, start, end, name: place.name }));
  }),
);

function citedPlaces(answer: string, texts: readonly string[]) {
  const citer = new Citer(texts.map(sourceOf), { question: "" });
  citer.push(answer);
  citer.end();
  return citer.result.citations;
}

describe.each(["english", "chinese"] as const)("in %s", (language) => {
  const own = cases.filter((one) => one.language === language);

  test("a sentence in fewer words is cited from where it stands", () => {
    const wrong = own.filter(({ texts, own, start, end }) => {
      const sentence = texts[own]?.slice(start, end) ?? "";
      const cited = citedPlaces(shortened(sentence), texts);
      return !(cited.length === 1 && cited[0]?.number === own + 1 && cited[0].start <= start && cited[0].end >= end);
    });
    expect(wrong.length / own.length).toBeLessThanOrEqual(0.03);
  });

  test("a sentence of a place that no source is about has no citation", () => {
    const wrong = own.filter(({ texts, own, start, end }) => {
      const sentence = texts[own]?.slice(start, end) ?? "";
      return citedPlaces(sentence, texts.toSpliced(own, 1)).length > 0;
    });
    expect(wrong.map(({ name, start }) => `${name} ${start}`)).toEqual([]);
  });

  test("whatever is cited is a slice of its document", () => {
    for (const { texts, own: at, start, end } of own) {
      for (const citation of citedPlaces(`${texts[at]?.slice(start, end)} ${texts[(at + 1) % texts.length]}`, texts)) {
        expect(texts[citation.documentId]?.slice(citation.start, citation.end)).toBe(citation.text);
      }
    }
  });
});
