/** How many tokens a text has, from what a sample of it had: cutting asks thousands of times, and the tokenizer lives in another process. */

/** Tokens for each character, of writing with spaces between words and without. */
export interface TokenRates {
  spaced: number;
  unspaced: number;
}

/** Of usual tokenizers, on the safe side. */
export const USUAL_RATES: TokenRates = { spaced: 0.25, unspaced: 0.8 };

const UNSPACED = /[\p{sc=Han}\p{sc=Hiragana}\p{sc=Katakana}\p{sc=Thai}\p{sc=Lao}\p{sc=Khmer}\p{sc=Myanmar}]+/gu;
const SAMPLE_CHARACTERS = 4000;
/** Fewer characters say nothing. */
const LEAST_CHARACTERS = 40;

export function countWith({ spaced, unspaced }: TokenRates): (text: string) => number {
  return (text) => {
    const wide = unspacedIn(text);
    return Math.ceil(wide * unspaced + (text.length - wide) * spaced);
  };
}

/** Counts pieces from all over the text with the tokenizer itself. */
export async function measureRates(text: string, count: (texts: string[]) => Promise<number[]>): Promise<TokenRates> {
  const pieces = sampleOf(text);
  const spaced = pieces.map((piece) => piece.replace(UNSPACED, " ").trim()).join(" ");
  const unspaced = pieces.flatMap((piece) => piece.match(UNSPACED) ?? []).join("");
  // An empty text costs the tokens that stand around every one.
  const [around = 0, ofSpaced = 0, ofUnspaced = 0] = await count(["", spaced, unspaced]);
  const rate = (tokens: number, characters: number, usual: number) =>
    characters < LEAST_CHARACTERS ? usual : Math.max(tokens - around, 1) / characters;
  return {
    spaced: rate(ofSpaced, spaced.length, USUAL_RATES.spaced),
    unspaced: rate(ofUnspaced, unspaced.length, USUAL_RATES.unspaced),
  };
}

function sampleOf(text: string): string[] {
  const pieces = 4;
  const length = SAMPLE_CHARACTERS / pieces;
  if (text.length <= SAMPLE_CHARACTERS) return [text];
  return Array.from({ length: pieces }, (_, i) => {
    const from = Math.floor(((text.length - length) * i) / (pieces - 1));
    return text.slice(from, from + length);
  });
}

function unspacedIn(text: string): number {
  let count = 0;
  for (const [run] of text.matchAll(UNSPACED)) count += run.length;
  return count;
}
