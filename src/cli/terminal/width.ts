/** How many columns text takes on a terminal: Chinese, Japanese, Korean and emoji take two, combining marks none. */

const WIDE =
  /[\u1100-\u115f\u231a\u231b\u2329\u232a\u23e9-\u23ec\u23f0\u23f3\u25fd\u25fe\u2614\u2615\u2648-\u2653\u267f\u2693\u26a1\u26aa\u26ab\u26bd\u26be\u26c4\u26c5\u26ce\u26d4\u26ea\u26f2\u26f3\u26f5\u26fa\u26fd\u2705\u270a\u270b\u2728\u274c\u274e\u2753-\u2755\u2757\u2795-\u2797\u27b0\u27bf\u2b1b\u2b1c\u2b50\u2b55\u2e80-\u303e\u3041-\u33ff\u3400-\u4dbf\u4e00-\ua4cf\ua960-\ua97f\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{16fe0}-\u{18aff}\u{1b000}-\u{1b2ff}\u{1f004}\u{1f0cf}\u{1f18e}\u{1f191}-\u{1f19a}\u{1f200}-\u{1f265}\u{1f300}-\u{1f64f}\u{1f680}-\u{1f6ff}\u{1f7e0}-\u{1f7eb}\u{1f900}-\u{1f9ff}\u{1fa70}-\u{1faff}\u{20000}-\u{3fffd}]/u;
const INVISIBLE = /[\p{Mn}\p{Me}\p{Cf}\p{Cc}\u200b]/u;
const ASCII = /^[\x20-\x7e]*$/;

/** Columns of one character (one code point, or what a reader sees as one). */
export function characterWidth(character: string): number {
  const first = String.fromCodePoint(character.codePointAt(0) ?? 0);
  if (INVISIBLE.test(first)) return 0;
  // U+FE0F asks for the emoji form, which is wide.
  return WIDE.test(first) || character.includes("\ufe0f") ? 2 : 1;
}

/** Columns of text without control characters. */
export function textWidth(text: string): number {
  if (ASCII.test(text)) return text.length;
  let width = 0;
  for (const character of characters(text)) width += characterWidth(character);
  return width;
}

const segmenter = new Intl.Segmenter(undefined, { granularity: "grapheme" });

/** Text as a reader sees it, character by character: an accent or a skin tone stays with its letter. */
export function characters(text: string): string[] {
  if (ASCII.test(text)) return text.split("");
  const found: string[] = [];
  // In pieces: on Node 20 every segment keeps a copy of the whole string that it was cut from.
  for (let start = 0; start < text.length; ) {
    let end = Math.min(start + 1000, text.length);
    if (end < text.length) {
      // End a piece before its last character, which the next piece may complete.
      while (end > start + 1 && /[\p{Mn}\p{Me}\p{Cf}\udc00-\udfff]/u.test(text.charAt(end))) end -= 1;
    }
    for (const { segment } of segmenter.segment(text.slice(start, end))) found.push(segment);
    start = end;
  }
  return found;
}
