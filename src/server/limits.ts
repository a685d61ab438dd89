/** How much text is worth giving to a tokenizer. */

/** No tokenizer's text is this much longer than its tokens, not even on runs of spaces. */
const CHARACTERS_PER_TOKEN = 256;
const ALWAYS = 2_000_000;

/** Beyond this, a text cannot fit the context; counting its tokens would only keep others waiting, for minutes at 50 MB. */
export function mostCharacters(contextLength: number): number {
  return Math.max(ALWAYS, contextLength * CHARACTERS_PER_TOKEN);
}
