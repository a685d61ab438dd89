/** Free text up to a tag: the arguments of many families stand between tags as they are, without quotes. */
import { charactersOf, complement, type Range, union, without } from "./code-points.ts";
import { characters, choice, type Expression, empty, optional, sequence } from "./expression.ts";
import { define, type Rules } from "./rules.ts";

/** What text is made of: no control characters but tabs and line ends, and no half surrogate pairs. */
const printable = complement(union([[0, 8]], [[11, 12]], [[14, 0x1f]], [[0xd800, 0xdfff]]));

/**
 * Any text in which `tag` does not occur, as the states of Knuth, Morris and Pratt's automaton: one rule for each
 * length of the tag's beginning that the text may end with. Every rule ends with the next, so no stack grows.
 */
export function textWithout(rules: Rules, tag: string): Expression {
  const key = `not-${Buffer.from(tag).toString("hex")}`;
  const start: Expression = { kind: "rule", name: `${key}-0` };
  if (rules.has(start.name)) return start;
  const wanted = Array.from(tag);
  const alphabet = [...new Set(wanted)];
  const state = (length: number): Expression => ({ kind: "rule", name: `${key}-${length}` });
  for (const [length] of wanted.entries()) {
    const ways = new Map<number, string>();
    for (const character of alphabet) {
      const next = longestStart(wanted, [...wanted.slice(0, length), character]);
      if (next < wanted.length) ways.set(next, (ways.get(next) ?? "") + character);
    }
    const others: Range[] = without(printable, charactersOf(alphabet.join("")));
    const moves = [...ways].map(([next, some]) => sequence(characters(charactersOf(some)), state(next)));
    rules.set(`${key}-${length}`, optional(choice(sequence(characters(others), state(0)), ...moves)));
  }
  return start;
}

/** How many of the first characters of `wanted` the text ends with. */
function longestStart(wanted: string[], text: string[]): number {
  for (let length = Math.min(wanted.length, text.length); length > 0; length--)
    if (wanted.slice(0, length).join("") === text.slice(-length).join("")) return length;
  return 0;
}

/** Members in their order, each once at most, the required ones always, with `separator` between any two. */
export function memberList(
  rules: Rules,
  members: { required: boolean; text: Expression }[],
  separator: Expression = empty,
): Expression {
  let first: Expression = empty;
  let later: Expression = empty;
  for (const { required, text } of members.toReversed()) {
    const [rest, skip] = [later, first];
    const next = sequence(separator, text);
    first = define(rules, "members", () => (required ? sequence(text, rest) : choice(sequence(text, rest), skip)));
    later = define(rules, "more", () => sequence(required ? next : optional(next), rest));
  }
  return first;
}
