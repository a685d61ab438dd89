/** Tables of PDF pages, which are only words at places: rows are neighbouring lines with wide gaps, columns the strips between which nothing stands. */
import type { Line, Part } from "./pdf-lines.ts";

/** Rows lie closer than this many letter heights. */
const ROW_GAP = 3.5;
/** A strip that parts columns is wider than this many letter heights. */
const STRIP = 0.5;

/** How many lines from here are rows: two or more with several cells; single cells only between rows of three or more. */
export function countRows(lines: Line[], from: number): number {
  let at = from;
  let full = 0;
  for (; at < lines.length; at++) {
    const [before, line, next] = [lines[at - 1], lines[at], lines[at + 1]];
    if (line === undefined || (at > from && !follows(before, line))) break;
    if (line.cells >= 2) full++;
    else if (at === from || !before || !next || before.cells < 3 || next.cells < 3 || !follows(line, next)) break;
  }
  return full >= 2 ? at - from : 0;
}

function follows(before: Line | undefined, line: Line): boolean {
  return (
    before !== undefined &&
    line.down > before.down &&
    line.down - before.down < line.size * ROW_GAP &&
    Math.abs(before.size - line.size) < 2
  );
}

/** The cells of each row; "" where a row has nothing in a column. */
export function rowsOfLines(lines: Line[]): string[][] {
  const size = Math.max(...lines.map((line) => line.size));
  const columns = columnsOf(
    lines.flatMap((line) => line.parts),
    size * STRIP,
  );
  return lines.map((line) => {
    const cells = columns.map(() => "");
    for (const { text, left } of line.parts) {
      const column = columns.findIndex(
        (edge, index) => left >= edge - 0.5 && left < (columns[index + 1] ?? Number.POSITIVE_INFINITY) - 0.5,
      );
      cells[Math.max(column, 0)] = `${cells[Math.max(column, 0)]} ${text}`.trim();
    }
    return cells;
  });
}

/** Left edges of the columns: the words' shadows on the page's width, joined where they overlap or nearly touch. */
function columnsOf(parts: Part[], strip: number): number[] {
  const edges: number[] = [];
  let right = Number.NEGATIVE_INFINITY;
  for (const part of [...parts].sort((one, other) => one.left - other.left)) {
    if (part.left > right + strip) edges.push(part.left);
    right = Math.max(right, part.right);
  }
  return edges;
}
