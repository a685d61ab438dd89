/** Blocks to the smallest pieces that a passage is made of: sentences, items, rows, lines of code. */
import type { Block } from "../types.ts";
import { sentenceEnds } from "./sentences.ts";

export interface Unit {
  start: number;
  /** Behind its last visible character. */
  end: number;
}

const ITEM = /\n(?=[ \t]*(?:[-*+•‣▪●○◦■□◆◇–·]|\(?\d{1,9}[.)、]|[（(][一二三四五六七八九十\d]{1,3}[)）])\s*\S)/g;

/** In order and without overlap; together all that is visible in the block. */
export function unitsOf(text: string, block: Block): Unit[] {
  return cut(text, block)
    .map(([start, end]) => trimmed(text, start, end))
    .filter(({ start, end }) => end > start);
}

function cut(text: string, block: Block): [number, number][] {
  if (block.kind === "heading") return [[block.start, block.end]];
  if (block.kind === "table" || block.kind === "code") return ranges(block, lineEnds(text, block));
  const items = block.kind === "list" ? itemStarts(text, block) : [];
  return ranges(block, items).flatMap(([start, end]) => ranges({ start, end }, sentenceEnds(text, start, end)));
}

function ranges({ start, end }: { start: number; end: number }, cuts: number[]): [number, number][] {
  const points = [start, ...cuts.filter((cut) => cut > start && cut < end), end];
  return points.slice(1).map((point, index) => [points[index] ?? start, point]);
}

function lineEnds(text: string, { start, end }: Block): number[] {
  const ends: number[] = [];
  for (let at = text.indexOf("\n", start); at >= 0 && at < end; at = text.indexOf("\n", at + 1)) ends.push(at + 1);
  return ends;
}

function itemStarts(text: string, { start, end }: Block): number[] {
  return [...text.slice(start, end).matchAll(ITEM)].map((match) => start + match.index + 1);
}

/** Indentation is kept: in lists and code it means something. */
function trimmed(text: string, from: number, to: number): Unit {
  let start = from;
  let end = to;
  while (end > start && /\s/.test(text[end - 1] ?? "")) end--;
  for (let at = start; at < end && /\s/.test(text[at] ?? ""); at++) if (text[at] === "\n") start = at + 1;
  return { start, end };
}
