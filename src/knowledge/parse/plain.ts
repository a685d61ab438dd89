/** Plain text: paragraphs at blank lines, lists by their bullets, the headings of chapters. The text stays as it is. */
import type { Block } from "../types.ts";
import type { Parsed } from "./draft.ts";
import { linesOf } from "./markdown.ts";

const ITEM = /^\s*(?:[-*+•·]|\d{1,3}[.)、])\s+\S/;
const CHAPTER = /^\s*(?:第[零〇一二三四五六七八九十百千\d]{1,7}[章节節回篇部卷]|(?:chapter|part|book)\s+(?:\d+|[ivxlc]+)\b)/i;
const HEADING_CHARACTERS = 60;

export function readPlain(text: string): Parsed {
  const blocks: Block[] = [];
  let open: Block | undefined;
  const close = () => {
    if (open) blocks.push(open);
    open = undefined;
  };
  for (const { start, text: line } of linesOf(text)) {
    if (line.trim() === "") {
      close();
      continue;
    }
    const end = start + line.trimEnd().length;
    const isHeading = line.trim().length <= HEADING_CHARACTERS && CHAPTER.test(line) && !/[.。！？!?，,；;]$/.test(line.trim());
    const kind = isHeading ? "heading" : ITEM.test(line) ? "list" : "paragraph";
    if (open && (kind === open.kind || (kind === "paragraph" && open.kind === "list")) && kind !== "heading") open.end = end;
    else {
      close();
      open = { start, end, kind, ...(kind === "heading" && { level: 1 }) };
      if (kind === "heading") close();
    }
  }
  close();
  return { title: "", text, blocks, notes: [] };
}
