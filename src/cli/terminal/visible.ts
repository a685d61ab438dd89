/** Other people's text for a terminal: what a model or a registry wrote must not move the cursor, set titles or fill a clipboard. */

// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
const CONTROL = /[\x00-\x08\x0b-\x1f\x7f-\x9f]/g;

/** Line ends and tabs stay, carriage returns go, other control characters are shown as `^[`. */
export function visible(text: string): string {
  return text.replace(CONTROL, (character) => {
    const code = character.charCodeAt(0);
    if (character === "\r" || code >= 0x80) return "";
    return `^${String.fromCharCode(code ^ 64)}`;
  });
}
