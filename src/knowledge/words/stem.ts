/** English words to a common stem, lightly: plurals, -ed, -ing, -ly and a few others. Two words that differ in meaning should stay two. */

const VOWEL = /[aeiouy]/;
/** A doubled consonant that -ed and -ing made: "stopped", but not "falling" or "passing". */
const DOUBLED = /([bdgmnprt])\1$/;
/** What may lose its "e" before -ed and -ing: "created" and "create" both become "creat". */
const SILENT_E = /[^aeiou]e$/;

/** The stem of a lower-case word. Words that are not plain ASCII letters, or are short, stay as they are. */
export function stem(word: string): string {
  if (word.length < 4 || !/^[a-z]+$/.test(word)) return word;
  const singular = withoutPlural(word);
  const plain = withoutAdverb(withoutTense(singular));
  if (plain.length > 3 && SILENT_E.test(plain)) return plain.slice(0, -1);
  return plain.length > 3 && plain.endsWith("y") && !VOWEL.test(plain.at(-2) ?? "") ? `${plain.slice(0, -1)}i` : plain;
}

function withoutPlural(word: string): string {
  if (/(ss|us|is)$/.test(word)) return word;
  if (word.endsWith("ies")) return word.length > 4 ? `${word.slice(0, -3)}y` : word.slice(0, -1);
  if (/(sh|ch|x|z|ss)es$/.test(word)) return word.slice(0, -2);
  return word.endsWith("s") ? word.slice(0, -1) : word;
}

function withoutTense(word: string): string {
  if (word.endsWith("ied") && word.length > 4) return `${word.slice(0, -3)}y`;
  const ending = word.endsWith("eed") ? undefined : /(ed|ing)$/.exec(word)?.[0];
  if (ending === undefined) return word;
  const rest = word.slice(0, -ending.length);
  if (rest.length < 3 || !VOWEL.test(rest)) return word;
  return DOUBLED.test(rest) ? rest.slice(0, -1) : rest;
}

function withoutAdverb(word: string): string {
  return word.endsWith("ly") && word.length > 5 ? word.slice(0, -2) : word;
}
