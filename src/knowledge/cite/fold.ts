/** A text as its letters and digits alone, each with where it stood: what is left when two writings of one sentence are compared. */

export interface Folded {
  /** Compatibility forms, lower case. No white space, no punctuation, no accents. */
  text: string;
  /** For each code unit of `text`, the offset in the original where its character begins. */
  starts: number[];
  /** And where that character ends. */
  ends: number[];
}

const WANTED = /^[\p{L}\p{N}]+$/u;
const PLAIN = /^[a-z0-9]$/;

/** Marks are dropped with the punctuation: a model that forgets the accent of "café" still quotes. */
export function fold(original: string): Folded {
  const starts: number[] = [];
  const ends: number[] = [];
  let text = "";
  let at = 0;
  for (const character of original) {
    const end = at + character.length;
    for (const letter of lettersOf(character)) {
      text += letter;
      for (let i = 0; i < letter.length; i++) {
        starts.push(at);
        ends.push(end);
      }
    }
    at = end;
  }
  return { text, starts, ends };
}

function lettersOf(character: string): Iterable<string> {
  const lower = character.toLowerCase();
  if (PLAIN.test(lower)) return [lower];
  return [...lower.normalize("NFKD")].filter((letter) => WANTED.test(letter));
}
