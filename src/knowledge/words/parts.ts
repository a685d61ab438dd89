/** The parts of an identifier: `parseHTTPRequest_v2` is parse, HTTP, Request, v, 2. */

const PART = /\p{Lu}+(?!\p{Ll})|\p{Lu}?[\p{Ll}\p{Lo}\p{Lt}\p{Lm}\p{M}]+|\p{Lu}|\p{N}+/gu;

/** One part for a word that is no identifier. */
export function partsOf(word: string): string[] {
  return word.match(PART) ?? [word];
}
