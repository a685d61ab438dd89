/**
 * Which characters a SentencePiece vocabulary can spell. llama.cpp falls back to byte tokens for characters it does not know,
 * and ends the process when the vocabulary has no such byte, so a text is looked through before it is tokenised.
 */

const SPACE = "\u2581";
const encoder = new TextEncoder();

/** The first character of a text that cannot be spelled, or undefined. */
export type Unspellable = (text: string) => string | undefined;

/** `text(token)` is a token as the file spells it. Most vocabularies have all 256 bytes near the start; then there is nothing to look for. */
export function spellingOf(size: number, text: (token: number) => string): Unspellable {
  const bytes = new Set<number>();
  const characters = new Set<string>();
  for (let token = 0; token < size; token++) {
    const spelled = text(token);
    const byte = /^<0x([0-9A-F]{2})>$/.exec(spelled)?.[1];
    if (byte !== undefined) {
      bytes.add(Number.parseInt(byte, 16));
      if (bytes.size === 256) return () => undefined;
    } else if (isCharacter(spelled)) {
      characters.add(spelled);
      // A one-byte token stands in for its byte, too.
      const code = spelled.codePointAt(0) ?? 0;
      if (code < 0x80) bytes.add(code);
    }
  }
  const known = (character: string) => characters.has(character) || encoder.encode(character).every((byte) => bytes.has(byte));
  return (content) => [...new Set(`${SPACE}${content.replaceAll(" ", SPACE)}`)].find((character) => !known(character));
}

function isCharacter(text: string): boolean {
  const first = text.codePointAt(0);
  return first !== undefined && text.length === (first > 0xffff ? 2 : 1);
}
