/** Makes text fit a number of columns: a line that breaks by itself would spoil what is drawn over it later. */
import { characters, characterWidth, textWidth } from "./width.ts";

const TAIL_COLUMNS = 9;
/** Below this there is no room for a beginning, dots and an end that say anything. */
const MIN_COLUMNS = 21;

/** As much of the beginning as fits. */
export function clipped(text: string, columns: number): string {
  return fitting(characters(text), columns).join("");
}

/** The beginning and the end with dots between them, for lines whose end says how far they are. In few columns the beginning alone. */
export function clippedInside(text: string, columns: number): string {
  if (textWidth(text) <= columns) return text;
  if (columns < MIN_COLUMNS) return clipped(text, columns);
  const parts = characters(text);
  const tail = fitting(parts.toReversed(), TAIL_COLUMNS).reverse();
  return `${fitting(parts, columns - TAIL_COLUMNS - 1).join("")}…${tail.join("")}`;
}

function fitting(parts: string[], columns: number): string[] {
  let used = 0;
  const end = parts.findIndex((part) => {
    used += characterWidth(part);
    return used > columns;
  });
  return end < 0 ? parts : parts.slice(0, end);
}
