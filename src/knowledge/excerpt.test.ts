/** The part of a passage that a model with little room is given. */
import { expect, test } from "vitest";
import { village } from "../../test/fixtures/village.ts";
import { excerptOf } from "./excerpt.ts";
import type { Hit } from "./sources.ts";

const hitOf = (text: string, before = 0): Hit => ({
  ...{ document: "a.txt", documentId: 1, headings: [], text, score: 60, start: before, end: before + text.length },
});
const count = async (text: string) => Math.ceil(text.length / 4);
const cut = async (text: string, question: string, tokens: number, before = 0) =>
  await excerptOf(hitOf(text, before), { question, tokens, count });

test("a passage that fits stays as it is", async () => {
  const hit = hitOf("One. Two.");
  expect(await excerptOf(hit, { question: "two", tokens: 100, count })).toBe(hit);
});

test("whole sentences around the one that is nearest to the question, with their place", async () => {
  const text = "The mill is old. Its wheels turn. The smith is young. She forges iron. Bees are black. Honey is stiff.";
  const { text: found, start, end } = await cut(text, "What does the smith forge?", 10, 7);
  expect(found).toBe("The smith is young. She forges iron.");
  expect(text.slice(start - 7, end - 7)).toBe(found);
});

test("a sentence alone, when nothing more fits, and even when it is longer than that", async () => {
  expect((await cut("Bees are black. The smith forges iron. Honey is stiff.", "iron", 6)).text).toBe("The smith forges iron.");
  expect((await cut("Bees are black. The smith forges iron. Honey is stiff.", "iron", 1)).text).toBe("The smith forges iron.");
});

test.each(["english", "chinese"] as const)("the sentence that answers stays in, in %s", async (language) => {
  const whole = village.map((place) => place[language]).join("");
  for (const place of village) {
    const question = language === "english" ? place.question : place.chineseQuestion;
    const { text, start, end } = await cut(whole, question, 30);
    expect(whole.slice(start, end)).toBe(text);
    const own = whole.indexOf(place[language]);
    expect([place.name, start >= own - 120 && end <= own + place[language].length + 120]).toEqual([place.name, true]);
  }
});
