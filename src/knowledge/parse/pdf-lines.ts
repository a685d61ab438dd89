/** The pieces of text that a PDF page draws, put together to lines. A wide gap inside a line parts cells. Units are points. */
import { oneLine, plainForms } from "./clean.ts";

export interface Piece {
  str: string;
  /** [a, b, c, d, x, y]: the text's own axes on the page. */
  transform: number[];
  width: number;
  height: number;
}

/** Words with their left and right edge. */
export interface Part {
  text: string;
  left: number;
  right: number;
}

export interface Line {
  text: string;
  /** Runs of words without a wide gap: more than one is a row of a table. */
  cells: number;
  parts: Part[];
  /** Height of the largest letters. */
  size: number;
  left: number;
  right: number;
  /** The baseline, measured downwards. */
  down: number;
}

/** Gaps in letter heights: more than the first lies between cells, more than the second between words. */
const CELL_GAP = 1.6;
const WORD_GAP = 0.12;

/** Lines in the order in which the page draws them, which is the reading order of nearly all writers. */
export function linesOf(pieces: Piece[]): Line[] {
  const lines: Line[] = [];
  let open: Line | undefined;
  const close = () => {
    if (open) {
      open.text = oneLine(plainForms(open.text));
      open.parts = open.parts.map((part) => ({ ...part, text: oneLine(plainForms(part.text)) }));
      if (open.text !== "") lines.push(open);
    }
    open = undefined;
  };
  for (const piece of pieces) {
    if (piece.str.trim() === "") continue;
    const { x, down, size } = place(piece);
    const part = { text: piece.str, left: x, right: x + piece.width };
    const near = Math.max(size, open?.size ?? 0);
    const sameLine = open !== undefined && Math.abs(open.down - down) < near * 0.55 && x > open.left - near * 0.5;
    // A piece that starts well before the end of the line was drawn over it, or belongs to another column.
    if (!open || !sameLine || x < open.right - near * 3) {
      close();
      open = { text: piece.str, cells: 1, parts: [part], size, left: x, right: part.right, down };
      continue;
    }
    const gap = x - open.right;
    const last = open.parts.at(-1);
    if (gap > near * CELL_GAP) open.cells++;
    open.text += (gap > near * WORD_GAP ? " " : "") + piece.str;
    if (last && gap <= near * WORD_GAP) {
      last.text += piece.str;
      last.right = Math.max(last.right, part.right);
    } else open.parts.push(part);
    open.right = Math.max(open.right, part.right);
    if (size > open.size) {
      open.size = size;
      open.down = down;
    }
  }
  close();
  return lines;
}

/** Turned text is laid along its own axis, so that its lines come out as lines too. */
function place({ transform, height }: Piece): { x: number; down: number; size: number } {
  const [a = 1, b = 0, c = 0, d = 0, x = 0, y = 0] = transform;
  const size = Math.hypot(c, d) || height || 1;
  const length = Math.hypot(a, b) || 1;
  const [cos, sin] = [a / length, b / length];
  return { x: x * cos + y * sin, down: x * sin - y * cos, size };
}
