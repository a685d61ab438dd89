/** One number in many writings, and different numbers that look alike. */
import { expect, test } from "vitest";
import { numbersOf, statedNumbers } from "./numbers.ts";

/** Whether a source that says the one supports a claim that says the other. */
const supports = (source: string, claim: string) => [...statedNumbers(claim)].every((number) => numbersOf(source).has(number));

test.each([
  ["The mill is of 1,803 stones.", "1803 stones"],
  ["1803块石头", "一千八百零三块石头"],
  ["图书室有一千二百册书", "1200册"],
  ["二〇二六年三月五日", "2026年3月5日"],
  ["2026-03-05", "on 5 March 2026"],
  ["on March 5th, 2026", "2026-03-05"],
  ["Sept. 9, 1861", "1861-9-9"],
  ["占百分之四十五", "45%"],
  ["45 percent", "百分之四十五"],
  ["１２．５％", "12.5 %"],
  ["12.50 coins", "12.5 coins"],
  ["人口为1.5万", "15000人"],
  ["15,000 people", "1.5万人"],
  ["3.2 million", "3,200,000"],
  ["3,200,000", "3.2 million"],
  ["one hundred and five boats", "105 boats"],
  ["in the twenty-first century", "the 21st century"],
  ["the twelfth night", "night 12"],
  ["the twentieth house", "house 20"],
  ["三百万人", "3百万人"],
  ["at 08:30", "at 8:30"],
  ["from 9 to 17", "from nine to seventeen"],
])("%s supports %s", (source, claim) => expect(supports(source, claim)).toBe(true));

test.each([
  ["1803", "1830"],
  ["人口为1.5万", "1500人"],
  ["百分之四十五", "54%"],
  ["3.2 million", "3.2 billion"],
  ["2026-03-05", "2026-03-06"],
  ["on 5 March 2026", "2026-04-05"],
  ["the marble of 1861", "1861-03"],
  ["五本书", "十五本书"],
  ["105 boats", "one hundred and fifteen boats"],
  ["12.5", "125"],
])("%s does not support %s", (source, claim) => expect(supports(source, claim)).toBe(false));

test("small numbers in words are manners of speaking, and ask for nothing", () => {
  expect([...statedNumbers("one of the two, 一起")]).toEqual([]);
  expect([...statedNumbers("in 2 of them")]).toEqual(["2"]);
});
