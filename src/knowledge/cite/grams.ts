/**
 * What two sentences have in common, by pieces of characters: pairs in writing without spaces, threes of a word elsewhere. Pieces
 * survive a slip inside a word, another ending, and words in another order, which whole words and whole sentences do not.
 */
import { stopWords } from "../words/stop-words.ts";

const RUN = /[\p{sc=Han}\p{sc=Hiragana}\p{sc=Katakana}\p{sc=Thai}\p{sc=Hangul}々ー]+|[\p{L}\p{N}]+/gu;
const UNSPACED = /^[\p{sc=Han}\p{sc=Hiragana}\p{sc=Katakana}\p{sc=Thai}\p{sc=Hangul}々ー]/u;
const MARKS = /\p{M}+/gu;

/** The different pieces of a text. Stop words count only where there is nothing else. */
export function gramsOf(text: string): Set<string> {
  const words = [...text.normalize("NFKD").replace(MARKS, "").normalize("NFC").toLowerCase().matchAll(RUN)].map(([word]) => word);
  const telling = words.filter((word) => !stopWords.has(word));
  const grams = new Set<string>();
  for (const word of telling.length > 0 ? telling : words) addGrams(word, grams);
  return grams;
}

function addGrams(word: string, grams: Set<string>): void {
  const characters = [...word];
  if (UNSPACED.test(word)) {
    if (characters.length === 1) grams.add(word);
    for (let i = 1; i < characters.length; i++) grams.add(`${characters[i - 1]}${characters[i]}`);
    return;
  }
  const padded = ["^", ...characters, "$"];
  for (let i = 2; i < padded.length; i++) grams.add(`${padded[i - 2]}${padded[i - 1]}${padded[i]}`);
}
