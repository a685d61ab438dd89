/** Whether bytes can still become UTF-8. llama.cpp's grammars compare code points and take overlong forms of a character for the character. */

/** What the next byte must be: `left` more bytes of a character, the next of them from `low` to `high`. */
export interface Utf8State {
  readonly left: number;
  readonly low: number;
  readonly high: number;
}

export const utf8Start: Utf8State = { left: 0, low: 0, high: 0 };

/** The state after these bytes, or undefined when they are no UTF-8 (RFC 3629: no overlong forms, no surrogates, at most U+10FFFF). */
export function continueUtf8(state: Utf8State, bytes: Uint8Array): Utf8State | undefined {
  let at: Utf8State | undefined = state;
  for (const byte of bytes) {
    if (at.left === 0) at = begin(byte);
    else at = byte >= at.low && byte <= at.high ? { left: at.left - 1, low: 0x80, high: 0xbf } : undefined;
    if (!at) return undefined;
  }
  return at;
}

function begin(byte: number): Utf8State | undefined {
  if (byte < 0x80) return utf8Start;
  if (byte < 0xc2 || byte > 0xf4) return undefined;
  const left = byte < 0xe0 ? 1 : byte < 0xf0 ? 2 : 3;
  const low = byte === 0xe0 ? 0xa0 : byte === 0xf0 ? 0x90 : 0x80;
  const high = byte === 0xed ? 0x9f : byte === 0xf4 ? 0x8f : 0xbf;
  return { left, low, high };
}
