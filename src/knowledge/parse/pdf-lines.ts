/** The pieces of text that a PDF page draws, put together to lines; a wide gap inside a line parts cells. Units are points. */
import { oneLine, plainForms } from "./clean.ts";

export interface Piece {
  str: string;
  /** [a, b, c, d, x, y]: the text's own axes on the page. */
  transform: number[];
  width: number;
  height: number;
}

export interface Line {
  cells: string[];
  /** Height of the largest letters. */
  size: number;
  /** Left edge, right edge, and the baseline measured downwards. */
  left: number;
  right: number;
  down: number;
}

/** A gap of more than this many letter heights is no space between words. */
const CELL_GAP = 1.6;

interface Open {
  cells: string[];
  size: number;
  left: number;
  right: number;
  down: number;
}

/** Lines in the order in which the page draws them, which is the reading order of nearly all writers. */
export function linesOf(pieces: Piece[]): Line[] {
  const lines: Line[] = [];
  let open: Open | undefined;
  const close = () => {
    const cells = open?.cells.map((cell) => oneLine(plainForms(cell))).filter((cell) => cell !== "") ?? [];
    if (open && cells.length > 0) lines.push({ ...open, cells });
    open = undefined;
  };
  for (const piece of pieces) {
    if (piece.str.trim() === "") continue;
    const { x, down, size } = place(piece);
    const right = x + piece.width;
    const near = Math.max(size, open?.size ?? 0);
    const sameLine = open !== undefined && Math.abs(open.down - down) < near * 0.55 && x > open.left - near * 0.5;
    // A piece that starts before the end of the line was drawn over it or belongs to another column.
    if (!open || !sameLine || x < open.right - near * 3) {
      close();
      open = { cells: [piece.str], size, left: x, right, down };
      continue;
    }
    const gap = x - open.right;
    if (gap > near * CELL_GAP) open.cells.push(piece.str);
    else open.cells[open.cells.length - 1] += (gap > near * 0.12 ? " " : "") + piece.str;
    open.right = Math.max(open.right, right);
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
  const [a = 1, b = 0, , , x = 0, y = 0] = transform;
  const size = Math.hypot(transform[2] ?? 0, transform[3] ?? 0) || height || 1;
  const length = Math.hypot(a, b) || 1;
  const [cos, sin] = [a / length, b / length];
  return { x: x * cos + y * sin, down: x * sin - y * cos, size };
}
