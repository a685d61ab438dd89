/**
 * Text to the terms that are indexed and searched: lower-case NFKC, Latin letters without marks, English stems, identifiers whole and
 * in parts. Writing without spaces (Chinese, Japanese, Thai ...) becomes pairs of characters. Words of the Unicode segmenter beside
 * them found no more on three test sets (R@1 was 0.002 lower), and would make the index depend on the version of ICU.
 */
import { partsOf } from "./parts.ts";
import { stem } from "./stem.ts";
import { stopWords } from "./stop-words.ts";

const UNSPACED = "\\p{sc=Han}\\p{sc=Hiragana}\\p{sc=Katakana}\\p{sc=Thai}\\p{sc=Lao}\\p{sc=Khmer}\\p{sc=Myanmar}ー々〆";
const TERM = new RegExp(
  `[${UNSPACED}][${UNSPACED}\\p{M}]*|\\p{Nd}+(?:[.,]\\p{Nd}+)+|(?:(?![${UNSPACED}])[\\p{L}\\p{N}_])(?:(?![${UNSPACED}])[\\p{L}\\p{N}\\p{M}_])*(?:\\+\\+|#)?`,
  "gu",
);
const STARTS_UNSPACED = new RegExp(`^[${UNSPACED}]`, "u");
const HANGUL = /^\p{sc=Hangul}+$/u;
const LATIN_MARKS = /(?<=\p{sc=Latin})\p{M}+/gu;
const PLAIN = /^[a-z]+$/;
/** Nobody searches for more; base64 and the like would fill the index. */
const LONGEST_TERM = 64;

/** Every term of a text, in order, as often as it is there. */
export function termsOf(text: string): string[] {
  const terms: string[] = [];
  for (const [found] of text.normalize("NFKC").matchAll(TERM)) {
    if (STARTS_UNSPACED.test(found)) addUnspaced(found, terms, true);
    else addWord(found, terms);
  }
  return terms;
}

export interface QueryTerm {
  term: string;
  /** Stands for every term that begins with it. */
  isPrefix: boolean;
}

/** The different terms of a query, without stop words unless there is nothing else. */
export function queryTermsOf(query: string): QueryTerm[] {
  const terms: string[] = [];
  const runs = [...query.normalize("NFKC").matchAll(TERM)].map(([found]) => found);
  for (const found of runs) {
    if (STARTS_UNSPACED.test(found)) addUnspaced(found, terms, false);
    else if (!stopWords.has(found.toLowerCase())) addWord(found, terms);
  }
  if (terms.length === 0) for (const found of runs) addWord(found, terms);
  const different = [...new Set(terms)];
  const telling = different.filter((term) => !stopWords.has(term));
  // One character is in the index only where it ends a run; elsewhere it begins a pair.
  const isOneCharacter = runs.length === 1 && [...(runs[0] ?? "")].length === 1 && STARTS_UNSPACED.test(runs[0] ?? "");
  return (telling.length > 0 ? telling : different).map((term) => ({ term, isPrefix: isOneCharacter }));
}

function addWord(found: string, terms: string[]): void {
  if (found.length > LONGEST_TERM) return;
  const lower = found.toLowerCase();
  // The most frequent case, kept short.
  if (PLAIN.test(found)) {
    terms.push(stem(found));
    return;
  }
  const whole = lower.includes(",") ? lower.replaceAll(",", "") : lower;
  if (HANGUL.test(lower)) {
    addPairs([...lower], terms);
    if (lower.length > 2) terms.push(lower);
    return;
  }
  const parts = partsOf(found).map((part) => stem(fold(part.toLowerCase())));
  if (parts.length > 1 || /[+#_]/.test(found)) terms.push(fold(whole));
  if (parts.length > 1 || !/[+#]$/.test(found)) terms.push(...parts);
}

function addUnspaced(run: string, terms: string[], withLast: boolean): void {
  const characters = [...run];
  addPairs(characters, terms);
  if (withLast && characters.length > 1) terms.push(characters.at(-1) ?? "");
}

function addPairs(characters: readonly string[], terms: string[]): void {
  if (characters.length === 1) terms.push(characters[0] ?? "");
  for (let i = 1; i < characters.length; i++) terms.push(`${characters[i - 1]}${characters[i]}`);
}

/** Latin letters without their marks: who types "Muller" means "Müller" as well. */
function fold(word: string): string {
  return PLAIN.test(word) ? word : word.normalize("NFD").replace(LATIN_MARKS, "").normalize("NFC");
}
