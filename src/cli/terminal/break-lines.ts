/** Breaks a paragraph into lines of a width: between words, and between Chinese characters. */
import { characters, characterWidth } from "./width.ts";

/** No closing mark begins a line. */
const CLOSING = /^[,.;:!?)\]}'"%，。；：！？、）】》」』”’…·％]$/u;

/** From and to of each line, in UTF-16 code units; the blank at a break belongs to no line. A word that is longer than a line is cut. */
export function breakLines(text: string, width: number): [start: number, end: number][] {
  const lines: [number, number][] = [];
  let start = 0;
  let at = 0;
  let column = 0;
  /** Where this line could end, and the next begin. */
  let break_: { end: number; next: number; column: number } | undefined;
  for (const character of characters(text)) {
    const columns = characterWidth(character);
    if (column + columns > width && column > 0 && character !== " " && !(CLOSING.test(character) && column <= width)) {
      const { end, next, column: used } = break_ ?? { end: at, next: at, column };
      lines.push([start, end]);
      start = next;
      column -= used;
      break_ = undefined;
    }
    column += columns;
    at += character.length;
    if (character === " ") break_ = { end: at - 1, next: at, column };
    else if (columns === 2) break_ = { end: at, next: at, column };
  }
  if (at > start) lines.push([start, at]);
  return lines;
}
