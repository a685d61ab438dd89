/** The pieces of a source that a quotation can be: sentences of prose, lines of lists, tables and code. */
import { sentenceEnds } from "../passages/sentences.ts";

export interface Unit {
  start: number;
  end: number;
}

/** Lines that stand for themselves: items, rows, and what ends without a sentence's end before an empty line or a heading. */
const OWN_LINE =
  /^\s*(?:[-*•·+–—|#>]|\d{1,3}[.)、]|\(\d{1,3}\)|[（(][一二三四五六七八九十]+[)）]|[一二三四五六七八九十]+、)|\t|\|/;
/** Longer than any sentence that is one; such a piece is cut at its lines. */
const LONGEST = 600;

/** In order, without the white space around them, covering all that is not white space. */
export function unitsOf(text: string): Unit[] {
  const units: Unit[] = [];
  for (const block of blocksOf(text)) {
    let start = block.start;
    for (const end of sentenceEnds(text, block.start, block.end)) {
      if (end - start > LONGEST) for (const line of linesOf(text, start, end)) add(text, line, units);
      else add(text, { start, end }, units);
      start = end;
    }
  }
  return units;
}

/** Parted at empty lines and around lines that stand for themselves. Other line breaks may lie inside a sentence. */
function blocksOf(text: string): Unit[] {
  const blocks: Unit[] = [];
  let open: Unit | undefined;
  for (const line of linesOf(text, 0, text.length)) {
    const content = text.slice(line.start, line.end);
    if (content.trim() === "" || OWN_LINE.test(content)) {
      if (open) blocks.push(open);
      open = undefined;
      if (content.trim() !== "") blocks.push(line);
    } else open = open ? { start: open.start, end: line.end } : line;
  }
  if (open) blocks.push(open);
  return blocks;
}

function linesOf(text: string, start: number, end: number): Unit[] {
  const lines: Unit[] = [];
  let at = start;
  while (at < end) {
    const found = text.indexOf("\n", at);
    const next = found < 0 || found >= end ? end : found + 1;
    lines.push({ start: at, end: next });
    at = next;
  }
  return lines;
}

function add(text: string, { start, end }: Unit, units: Unit[]): void {
  const piece = text.slice(start, end);
  const from = start + (piece.length - piece.trimStart().length);
  const to = end - (piece.length - piece.trimEnd().length);
  if (to > from) units.push({ start: from, end: to });
}
