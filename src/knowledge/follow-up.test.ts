import { describe, expect, test } from "vitest";
import { checkedRewriting, joinedWithLast, leansOnHistory, rewritePrompt } from "./follow-up.ts";
import type { Turn } from "./prompt.ts";

const history: Turn[] = [
  { role: "user", content: "When was the mill at the weir built?" },
  { role: "assistant", content: "It was built in 1803." },
];
const chinese: Turn[] = [
  { role: "user", content: "石拱桥是谁修的？" },
  { role: "assistant", content: "石拱桥是陈木匠修的。" },
];

describe("a question that leans on what was said", () => {
  test.each(["And who built it?", "What about its wheels?", "Why?", "那它有多长？", "材料呢？", "为什么？"])("%s", (question) => {
    expect(leansOnHistory(question, history)).toBe(true);
    expect(leansOnHistory(question, [])).toBe(false);
  });

  test.each(["How long does the library lend a book?", "图书室每次最多借几本书？"])("%s does not", (question) => {
    expect(leansOnHistory(question, history)).toBe(false);
  });

  test("is searched with the one before it when no model rewrites it", () => {
    expect(joinedWithLast("Who built it?", history)).toBe("When was the mill at the weir built?\nWho built it?");
  });
});

describe("the rewriting", () => {
  test("is asked for in the language of the question, with the last turns", () => {
    const [system, user] = rewritePrompt("那它有多长？", chinese);
    expect(system?.content).toMatch(/改写/);
    expect(user?.content).toBe("用户: 石拱桥是谁修的？\n助手: 石拱桥是陈木匠修的。\n用户: 那它有多长？");
  });

  test.each([
    ["Who built the mill at the weir?", "And who built it?", history],
    ['Question: "Who built the mill at the weir?"', "And who built it?", history],
    ["石拱桥有多长？", "那它有多长？", chinese],
  ])("%s is used", (answer, question, turns) => {
    expect(checkedRewriting(answer, question, turns)).toEqual({ rewritten: expect.stringMatching(/^(?:Who|石)[^"]+[?？]$/) });
  });

  test.each([
    ["", /nothing/],
    ["And who built it?", /as it was/],
    ["The mill was built by Tom. Who built the mill at the weir?", /more than one/],
    ["Who built the mill\nat the weir?", /more than one/],
    ["Who invented the steam engine in Scotland?", /nobody said/],
    ["When was the mill at the weir?", /something else/],
    ["x".repeat(400), /too long/],
    ["I cannot help with that request, sorry", /nobody said/],
  ])("%j is not", (answer, reason) => {
    expect(checkedRewriting(answer, "And who owns it?", history)).toEqual(
      answer === "And who built it?" ? { rejected: expect.any(String) } : { rejected: expect.stringMatching(reason) },
    );
  });
});
