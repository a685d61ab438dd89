/** Markdown (CommonMark's blocks and GitHub's tables): the text stays as it was written, the blocks are ranges of it. */
import type { Block } from "../types.ts";
import type { Parsed } from "./draft.ts";

const FENCE = /^ {0,3}(`{3,}|~{3,})/;
const ATX = /^ {0,3}(#{1,6})(?:[ \t]+|$)(.*?)(?:[ \t]+#+)?[ \t]*$/;
const UNDERLINE = /^ {0,3}(=+|-+)[ \t]*$/;
const ITEM = /^\s*(?:[-*+]|\d{1,9}[.)])[ \t]+\S/;
const TABLE_RULE = /^\s*\|?[ \t]*:?-+:?[ \t]*(?:\|[ \t]*:?-+:?[ \t]*)*\|?[ \t]*$/;

interface TextLine {
  start: number;
  text: string;
}

export function readMarkdown(text: string): Parsed {
  const lines = linesOf(text);
  const blocks: Block[] = [];
  let title = "";
  let at = 0;
  /** The lines from `at` up to `next` are one block. */
  const take = (next: number, block: Omit<Block, "start" | "end">) => {
    const [from, to] = [lines[at], lines[next - 1]];
    if (from && to) blocks.push({ start: from.start, end: to.start + to.text.trimEnd().length, ...block });
    at = next;
  };
  if (lines[0]?.text.trimEnd() === "---") {
    const close = lines.findIndex(({ text: line }, index) => index > 0 && /^(---|\.\.\.)\s*$/.test(line));
    if (close > 0 && close < 100) {
      title =
        lines
          .slice(1, close)
          .map(({ text: line }) => /^title:\s*["']?(.*?)["']?\s*$/.exec(line)?.[1])
          .find(Boolean) ?? "";
      take(close + 1, { kind: "code" });
    }
  }
  while (at < lines.length) {
    const line = lines[at]?.text ?? "";
    if (line.trim() === "") {
      at++;
      continue;
    }
    const fence = FENCE.exec(line)?.[1];
    const atx = ATX.exec(line);
    const next = lines[at + 1]?.text ?? "";
    if (fence !== undefined) take(endOfFence(lines, at, fence), { kind: "code" });
    else if (atx) {
      title ||= atx[1]?.length === 1 ? (atx[2] ?? "") : "";
      take(at + 1, { kind: "heading", level: atx[1]?.length ?? 1 });
    } else if (line.includes("|") && next.includes("-") && TABLE_RULE.test(next) && next.includes("|")) {
      take(
        endOfRun(lines, at, (row) => row.includes("|")),
        { kind: "table", headerRow: line.trim() },
      );
    } else if (ITEM.test(line)) take(endOfList(lines, at), { kind: "list" });
    else {
      const end = endOfParagraph(lines, at);
      const underline = UNDERLINE.exec(lines[end]?.text ?? "")?.[1];
      if (underline !== undefined && end === at + 1) {
        if (underline.startsWith("=")) title ||= line.trim();
        take(end + 1, { kind: "heading", level: underline.startsWith("=") ? 1 : 2 });
      } else take(end, { kind: "paragraph" });
    }
  }
  return { title: title.replace(/[*_`]/g, "").trim(), text, blocks, notes: [] };
}

export function linesOf(text: string): TextLine[] {
  const lines: TextLine[] = [];
  for (let start = 0; start < text.length; ) {
    const next = text.indexOf("\n", start);
    const end = next < 0 ? text.length : next;
    lines.push({ start, text: text.slice(start, end) });
    start = end + 1;
  }
  return lines;
}

/** The line after the closing fence, or the end: a fence that is never closed runs to the end of the document. */
function endOfFence(lines: TextLine[], from: number, fence: string): number {
  for (let at = from + 1; at < lines.length; at++) {
    const line = lines[at]?.text.trim() ?? "";
    if (line.startsWith(fence) && line.replaceAll(fence[0] ?? "`", "") === "") return at + 1;
  }
  return endOfRun(lines, from, () => true, true);
}

/** Blank lines inside a list are allowed when an item or an indented line follows. */
function endOfList(lines: TextLine[], from: number): number {
  let end = from + 1;
  for (let at = from + 1; at < lines.length; at++) {
    const line = lines[at]?.text ?? "";
    if (line.trim() === "") continue;
    const afterBlank = at > end;
    if (ITEM.test(line) || /^(?: {2,}|\t)/.test(line) || (!afterBlank && !startsBlock(line))) end = at + 1;
    else break;
  }
  return end;
}

function endOfParagraph(lines: TextLine[], from: number): number {
  for (let at = from + 1; at < lines.length; at++) {
    const line = lines[at]?.text ?? "";
    if (line.trim() === "" || startsBlock(line) || UNDERLINE.test(line)) return at;
  }
  return lines.length;
}

function startsBlock(line: string): boolean {
  return FENCE.test(line) || ATX.test(line) || ITEM.test(line);
}

function endOfRun(lines: TextLine[], from: number, holds: (line: string) => boolean, blanks = false): number {
  let at = from + 1;
  while (at < lines.length && (blanks || lines[at]?.text.trim() !== "") && holds(lines[at]?.text ?? "")) at++;
  while (at > from + 1 && lines[at - 1]?.text.trim() === "") at--;
  return at;
}
