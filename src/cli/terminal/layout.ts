/** Where the characters of a line being typed go on the screen: rows that fit the window, and the cursor among them. */
import { characterWidth, textWidth } from "./width.ts";

export interface Layout {
  rows: string[];
  cursorRow: number;
  cursorColumn: number;
}

export interface LayoutInput {
  /** Before the first row, such as `>>> `. */
  prompt: string;
  /** Before every row that follows a line break, such as `... `. */
  continuation: string;
  text: readonly string[];
  cursor: number;
  columns: number;
  /** Most rows to show; those around the cursor win. */
  maxRows: number;
}

export function layout({ prompt, continuation, text, cursor, columns, maxRows }: LayoutInput): Layout {
  const rows = [prompt];
  let column = textWidth(prompt);
  let at = { row: 0, column };
  const mark = (index: number) => {
    if (index === cursor) at = { row: rows.length - 1, column };
  };
  const newRow = (start: string) => {
    rows.push(start);
    column = textWidth(start);
  };
  for (const [index, character] of text.entries()) {
    if (character === "\n") {
      mark(index);
      newRow(continuation);
      continue;
    }
    const shown = visible(character);
    if (column + shown.columns > columns) newRow("");
    mark(index);
    rows[rows.length - 1] += shown.text;
    column += shown.columns;
  }
  // A cursor after a full row stands on the next one.
  if (column >= columns) newRow("");
  mark(text.length);
  const first = Math.max(0, Math.min(at.row - Math.floor(maxRows / 2), rows.length - maxRows));
  return { rows: rows.slice(first, first + maxRows), cursorRow: at.row - first, cursorColumn: at.column };
}

function visible(character: string): { text: string; columns: number } {
  if (character === "\t") return { text: "    ", columns: 4 };
  const code = character.codePointAt(0) ?? 0;
  if (code < 32 || code === 127) return { text: `^${String.fromCharCode(code ^ 64)}`, columns: 2 };
  return { text: character, columns: characterWidth(character) };
}
