/** What is shared with a query beyond chance: telling words count, a base's size and what else it holds are taken into account. */
import { describe, expect, test } from "vitest";
import { termsOf } from "../words/analyse.ts";
import { agreementWith } from "./agreement.ts";
import { WORDS } from "./measure.ts";

const passage = (text: string) => {
  const counts = new Map<string, number>();
  for (const term of termsOf(text)) counts.set(term, (counts.get(term) ?? 0) + 1);
  return counts;
};
/** Words with how many passages have them, of so many. */
const query = (counts: Record<string, number>, passages = 300, isPrefix = false) =>
  agreementWith({ terms: Object.entries(counts).map(([term, count]) => ({ term, passages: count, isPrefix })), passages });

describe("agreement", () => {
  const mill = query({ mill: 4, built: 60, when: 150 });

  test("is more for a rare word than for usual ones, more for both, and more for a word that is there again", () => {
    expect(mill.of(passage("the mill"))).toBeGreaterThan(mill.of(passage("built when")));
    expect(mill.of(passage("when the mill was built"))).toBeGreaterThan(mill.of(passage("the mill")));
    expect(mill.of(passage("the mill, the mill"))).toBeGreaterThan(mill.of(passage("the mill")));
    expect(mill.of(passage("nothing of it"))).toBe(0);
  });

  test("lies near 1 for what some passage has by chance, and clearly above where rare words meet", () => {
    const usual = query({ people: 90, year: 120, first: 100, city: 60 });
    expect(usual.of(passage("people of the first year"))).toBeLessThan(1);
    const rare = query({ weir: 3, miller: 4, rye: 2, city: 60 });
    expect(rare.of(passage("the miller of the weir grinds rye"))).toBeGreaterThan(1.5);
    expect(rare.of(passage("a city on a weir"))).toBeLessThan(1.5);
  });

  test("of the same words is less in a base in which they meet more easily", () => {
    const of = (passages: number, count: number) =>
      query({ weir: count, miller: count, rye: count }, passages).of(passage("weir miller"));
    expect(of(300, 3)).toBeGreaterThan(of(300, 60));
  });

  test("is less when the query also asks for what the base does not know", () => {
    const known = query({ weir: 3, miller: 4 });
    const partly = query({ weir: 3, miller: 4, anthrax: 0, vaccine: 0 });
    expect(partly.of(passage("weir miller"))).toBeLessThan(known.of(passage("weir miller")));
    expect(query({ anthrax: 0, vaccine: 0 }).of(passage("anthrax"))).toBe(0);
  });

  test("all words of a query are an answer, also in a base of one passage", () => {
    expect(query({ weir: 7 }).of(passage("weir"))).toBeGreaterThan(WORDS.absent);
    expect(query({ tin: 1, weir: 1 }, 1).of(passage("tin weir"))).toBeGreaterThan(WORDS.absent);
    expect(query({ tin: 1, whale: 0, sing: 0 }, 1).of(passage("tin weir"))).toBeLessThan(WORDS.absent);
  });

  test("one ideograph alone stands for every pair that begins with it", () => {
    expect(query({ 磨: 300 }, 300, true).of(passage("水磨坊"))).toBeGreaterThan(0);
  });

  test("is a number whatever is asked", () => {
    for (const agreement of [query({}), query({ a: 0 }, 0), query({ a: 5 }, 5), query({ a: 1e6, b: 1 }, 1e6)])
      for (const text of ["", "a", "a b a b"]) expect(agreement.of(passage(text))).toBeGreaterThanOrEqual(0);
    const long = Object.fromEntries(Array.from({ length: 800 }, (_, i) => [`w${i}`, i]));
    expect(Number.isFinite(query(long, 1000).of(passage("w1 w2 w3 w700")))).toBe(true);
  });
});
