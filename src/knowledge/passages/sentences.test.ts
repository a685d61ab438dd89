/** Sentence ends in English and Chinese, and everything with a dot that is none. */
import { expect, it } from "vitest";
import { sentenceEnds } from "./sentences.ts";

function sentences(text: string): string[] {
  const ends = sentenceEnds(text, 0, text.length);
  return ends.map((end, index) => text.slice(ends[index - 1] ?? 0, end).trim());
}

it.each([
  [["One.", "Two!", "Three?", "Four..."]],
  [["“Is it?” asked she.", "“It is.”", "(So it was.)", "Then she left."]],
  [["Dr. Smith met Mr. J. R. Jones at 3 p.m. in Washington.", "They left."]],
  [["It costs $4.50, i.e. 3.2 % more than v1.2.3 of e.g. node.js, see Fig. 3 and pp. 4-5.", "It works."]],
  [["The U.S. Army came.", "See example.com/a.html?x=1 for more."]],
  [["Wait... what happened?", "Nothing etc. at all."]],
  [["It grew.[12][13]", "It shrank.[citation needed]", "Done."]],
  [["他说：“你好！”", "然后走了。", "为什么？！", "不知道……也许吧。"]],
  [["价格是3.5元。", "（完）。", "版本2.0发布了；", "大家都很高兴。"]],
  [["用 Node.js 写的。", "很好!", "真的?", "是."]],
  [["彼は「行く。」", "と言った。", "終わり。"]],
  [["यह पहला है।", "यह दूसरा है।"]],
  [["没有句号的一行"]],
])("%j", (expected) => {
  const joined = expected.join(" ");
  expect(sentences(joined)).toEqual(expected);
});

it("needs no space after the marks of Chinese, and sees a Latin stop between ideographs", () => {
  expect(sentences("第一句。第二句！“第三句？”第四句")).toEqual(["第一句。", "第二句！", "“第三句？”", "第四句"]);
  expect(sentences("第一句.第二句")).toEqual(["第一句.", "第二句"]);
});

it("numbers of items are no sentences", () => {
  expect(sentences("1. Open the box.\n2. Close it.")).toEqual(["1. Open the box.", "2. Close it."]);
});

it("a blank line ends a sentence that has a mark before it, whatever follows", () => {
  expect(sentences("See no.\n\nnext one")).toEqual(["See no.", "next one"]);
});
