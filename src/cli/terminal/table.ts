/** Tables as Ollama prints them, to the space: scripts cut them by column. */
import { textWidth } from "./width.ts";

const GAP = "    ";

/** A heading and rows. Every cell is padded to its column and four spaces; the last heading to one. */
export function table(heading: string[], rows: string[][]): string {
  const widths = columnWidths([heading, ...rows]);
  const head = heading.map((cell, i) => pad(cell, widths[i]) + (i === heading.length - 1 ? " " : GAP)).join("");
  return `${head}\n${renderRows(rows, widths)}`;
}

/** Rows alone, in the same form. */
export function rows(cells: string[][]): string {
  return renderRows(cells, columnWidths(cells));
}

function renderRows(cells: string[][], widths: number[]): string {
  return cells.map((row) => `${widths.map((width, i) => pad(row[i] ?? "", width) + GAP).join("")}\n`).join("");
}

function columnWidths(cells: string[][]): number[] {
  const widths: number[] = [];
  for (const row of cells) {
    for (const [i, cell] of row.entries()) widths[i] = Math.max(widths[i] ?? 0, textWidth(cell));
  }
  return widths;
}

function pad(cell: string, width = 0): string {
  return cell + " ".repeat(Math.max(0, width - textWidth(cell)));
}
