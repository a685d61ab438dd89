/** mini began to quote a row of a table and fell into a loop; the garbage was shown, with a citation of the row. */
import { expect, test } from "vitest";
import { Citer } from "../../src/knowledge/cite.ts";

const row = "桂花红茶 | 南坡茶园 | 九月 | 95元 | 用当年的桂花窨制三次";
const source = {
  number: 1,
  document: "茶行价目.csv",
  documentId: 1,
  headings: [],
  start: 66,
  end: 66 + row.length,
  text: row,
  whole: false,
  score: 74,
};

test("a garbled quotation is given as it stands in the source", () => {
  const citer = new Citer([source], { question: "桂花红茶的产地是哪里？", quotes: true, strict: true });
  const shown = citer.push(`[1] 桂花红茶 |${" 家月 |".repeat(38)}`) + citer.end();
  expect(shown.trim()).toBe(`[1] ${row}`);
  expect(citer.result).toMatchObject({ restored: 1, refused: false, citations: [{ number: 1, verbatim: true, text: row }] });
});
