/** Sets of Unicode code points as sorted lists of ranges. */

export type Range = [first: number, last: number];

export const lastCodePoint = 0x10ffff;

/** Sorts, and joins what overlaps or touches. */
export function union(...sets: Range[][]): Range[] {
  const result: Range[] = [];
  for (const [first, last] of sets.flat().sort((a, b) => a[0] - b[0])) {
    const previous = result.at(-1);
    if (previous && first <= previous[1] + 1) previous[1] = Math.max(previous[1], last);
    else result.push([first, last]);
  }
  return result;
}

export function complement(set: Range[]): Range[] {
  const result: Range[] = [];
  let next = 0;
  for (const [first, last] of union(set)) {
    if (first > next) result.push([next, first - 1]);
    next = last + 1;
  }
  if (next <= lastCodePoint) result.push([next, lastCodePoint]);
  return result;
}

export function intersection(a: Range[], b: Range[]): Range[] {
  return complement(union(complement(a), complement(b)));
}

export function without(a: Range[], b: Range[]): Range[] {
  return intersection(a, complement(b));
}

/** The set of the characters of a text. */
export function charactersOf(text: string): Range[] {
  return union(Array.from(text, (character): Range => [character.codePointAt(0) ?? 0, character.codePointAt(0) ?? 0]));
}

/** `span("az", "09")` is a-z and 0-9. */
export function span(...pairs: string[]): Range[] {
  return union(pairs.map((pair): Range => [pair.codePointAt(0) ?? 0, pair.codePointAt(1) ?? 0]));
}
