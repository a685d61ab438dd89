/** The prompt: what stays the same stands first, in the language of the question. */
import { describe, expect, test } from "vitest";
import { promptFor, type Turn } from "./prompt.ts";
import type { Source } from "./sources.ts";

const source = (number: number, text: string, whole = false): Source => ({
  ...{
    number,
    document: `${number}.md`,
    documentId: number,
    headings: ["Trade"],
    start: 0,
    end: text.length,
    text,
    whole,
    score: 60,
  },
});
const request = (question: string, sources: Source[], history: Turn[] = []) =>
  promptFor({ mode: "query", style: "sources", system: "Be brief.", history, question, sources, refusal: "Not there." });
const text = (turns: readonly Turn[]) => turns.map(({ role, content }) => `<${role}>${content}`).join("\n");
const sharedStart = (a: string, b: string) => {
  let at = 0;
  while (at < a.length && a[at] === b[at]) at++;
  return a.slice(0, at);
};

describe("what a next question has in common with the one before", () => {
  const history: Turn[] = [
    { role: "user", content: "What is ground?" },
    { role: "assistant", content: "Rye." },
  ];

  test("instructions and the conversation, when passages are given", () => {
    const one = text(request("Who grinds rye?", [source(1, "The miller grinds rye.")], history));
    const other = text(request("What of iron?", [source(2, "Ada forges iron.")], history));
    const shared = sharedStart(one, other);
    expect(shared).toContain("Be brief.");
    expect(shared).toContain("<user>What is ground?\n<assistant>Rye.\n<user>");
    expect(shared).not.toContain("miller");
  });

  test("the documents as well, when they are given whole", () => {
    const documents = [source(1, "The miller grinds rye.", true), source(2, "Ada forges iron.", true)];
    const shared = sharedStart(text(request("Who grinds rye?", documents)), text(request("Is iron forged?", documents)));
    expect(shared).toContain("The miller grinds rye.");
    expect(shared).toContain("Ada forges iron.");
    // Nothing but the question itself is new.
    expect(shared).toMatch(/<user>Question: $/);
  });
});

describe("the language is the question's", () => {
  test.each([
    [
      "Who grinds rye?",
      /^You answer questions/,
      /^Sources:[\s\S]*\n\nQuestion: Who grinds rye\?\n\nAnswer from the sources alone/,
    ],
    ["谁磨黑麦？", /^你只根据用户的文档回答问题/, /^来源：[\s\S]*\n\n问题：谁磨黑麦？\n\n只根据资料回答/],
    ["Wer mahlt Roggen?", /^You answer questions/, /Question: Wer mahlt/],
  ])("%s", (question, instructions, last) => {
    const turns = promptFor({
      ...{ mode: "query", style: "sources", system: "", history: [], question, refusal: "Not there." },
      sources: [source(1, "The miller grinds rye.")],
    });
    expect(turns.map(({ role }) => role)).toEqual(["system", "user"]);
    expect(turns[0]?.content).toMatch(instructions);
    expect(turns[0]?.content).toContain("Not there.");
    expect(turns[1]?.content).toMatch(last);
  });
});

test("the small model is given the question first and each passage on a line, nothing else", () => {
  const turns = promptFor({
    ...{ mode: "query", style: "quotes", system: "Be brief.", history: [{ role: "user", content: "Hello" }], refusal: "" },
    question: "Who\ngrinds rye?",
    sources: [source(1, "The miller grinds rye.\nHe sings."), source(2, "See [1] and [12].")],
  });
  expect(turns).toEqual([
    { role: "user", content: "Question: Who grinds rye?\n\n[1] The miller grinds rye. He sings.\n[2] See [ 1] and [ 12]." },
  ]);
});

test("without sources it is the conversation as it was", () => {
  const history: Turn[] = [{ role: "user", content: "Hello" }];
  expect(request("And you?", [], history)).toEqual([
    { role: "system", content: "Be brief." },
    ...history,
    { role: "user", content: "And you?" },
  ]);
});
