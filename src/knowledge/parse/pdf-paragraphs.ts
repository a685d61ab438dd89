/** Lines of PDF pages to blocks: headings by size or bookmark, tables by cells, paragraphs by distance; running heads are left out. */
import type { Draft } from "./draft.ts";
import type { Line } from "./pdf-lines.ts";

/** Words of a bookmark without white space, in lower case, and its level. */
export type Outline = Map<string, number>;

const BULLET = /^(?:[•‣▪●○◦■□◆◇–*·]|-(?=\s)|\(?\d{1,3}[.)、](?=\s)|[（(][一二三四五六七八九十]{1,3}[)）])/;
/** A line that ends so ends a sentence. */
const SENTENCE_END = /[.!?。！？…:：][)\]"'”’」』）】]*$/;
const HEADING_CHARACTERS = 150;

export function addLines(draft: Draft, pages: Line[][], outline: Outline): void {
  const body = commonSize(pages.flat());
  const running = runningHeads(pages);
  const sizes = headingSizes(pages.flat(), body);
  const levelOf = (line: Line): number | undefined => {
    const text = line.cells.join(" ");
    if (text.length > HEADING_CHARACTERS || !/\p{L}/u.test(text)) return undefined;
    const marked = outline.get(text.replace(/\s+/g, "").toLowerCase());
    if (marked !== undefined) return marked;
    const rank = sizes.findIndex((size) => Math.abs(size - line.size) < 0.3);
    return rank < 0 || line.cells.length > 3 ? undefined : rank + 1;
  };
  let paragraph: { text: string; page: number; last: Line; isList: boolean } | undefined;
  const endParagraph = () => {
    if (paragraph) draft.add(paragraph.isList ? "list" : "paragraph", paragraph.text, { page: paragraph.page });
    paragraph = undefined;
  };
  for (const [index, all] of pages.entries()) {
    const page = index + 1;
    draft.page = page;
    const lines = all.filter((line) => !running.has(mask(line)));
    for (let at = 0; at < lines.length; at++) {
      const line = lines[at];
      if (line === undefined) continue;
      const rows = tableRows(lines, at);
      if (rows > 0) {
        endParagraph();
        draft.table(alignCells(lines.slice(at, at + rows)));
        at += rows - 1;
        continue;
      }
      const level = levelOf(line);
      const text = line.cells.join(" ");
      if (level !== undefined) {
        endParagraph();
        const next = lines[at + 1];
        // A heading of two lines.
        if (
          next &&
          levelOf(next) === level &&
          Math.abs(next.size - line.size) < 0.3 &&
          next.down - line.down < line.size * 1.6 &&
          next.down > line.down
        ) {
          lines[at + 1] = { ...next, cells: [join(text, next.cells.join(" "))] };
          continue;
        }
        draft.heading(level, text);
        continue;
      }
      const last = paragraph?.last;
      if (paragraph && last && continues(paragraph, line, paragraph.page === page || lines[at - 1] !== undefined, body)) {
        paragraph.text = paragraph.isList && BULLET.test(text) ? `${paragraph.text}\n${text}` : join(paragraph.text, text);
        paragraph.last = line;
      } else {
        endParagraph();
        paragraph = { text, page, last: line, isList: BULLET.test(text) };
      }
    }
  }
  endParagraph();
}

/** Whether the line goes on with the paragraph, on the same page or over the page's end. */
function continues(
  paragraph: { text: string; last: Line; isList: boolean },
  line: Line,
  samePage: boolean,
  body: number,
): boolean {
  const { last } = paragraph;
  const text = line.cells.join(" ");
  if (Math.abs(last.size - line.size) > Math.max(body * 0.15, 1)) return false;
  if (BULLET.test(text)) return paragraph.isList && samePage;
  const step = line.down - last.down;
  if (samePage && step > 0 && step < Math.max(last.size, line.size) * 1.75) {
    // A new first line is indented, after a line that ends a sentence before the edge.
    return !(line.left - last.left > line.size * 0.9 && SENTENCE_END.test(paragraph.text));
  }
  // Another column, or the next page: only an unfinished sentence goes on.
  return !SENTENCE_END.test(paragraph.text) && (/^[\p{Ll}\p{Lo},;，、；)）]/u.test(text) || /[,，、;；-]$/.test(paragraph.text));
}

/** Lines of one text: no space between ideographs, and a word parted by a hyphen becomes one. */
function join(before: string, after: string): string {
  if (/\p{Ll}-$/u.test(before) && /^\p{Ll}/u.test(after)) return before.slice(0, -1) + after;
  const ideographs = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\u3000-\u303F\uFF00-\uFFEF]/u;
  const tight = ideographs.test(before.at(-1) ?? "") && ideographs.test(after[0] ?? "");
  return before + (tight ? "" : " ") + after;
}

/** How many lines from here are rows: two or more neighbours with several cells each. */
function tableRows(lines: Line[], from: number): number {
  let at = from;
  let full = 0;
  while (at < lines.length) {
    const line = lines[at];
    const before = lines[at - 1];
    if (line === undefined || (at > from && before && (line.down <= before.down || line.down - before.down > line.size * 3.5)))
      break;
    if (line.cells.length < 2) break;
    full++;
    at++;
  }
  return full >= 2 ? at - from : 0;
}

/** Rows as they are: where cells are missing, which column a cell stands in cannot be told from its words alone. */
function alignCells(lines: Line[]): string[][] {
  return lines.map((line) => line.cells);
}

function commonSize(lines: Line[]): number {
  const weights = new Map<number, number>();
  for (const { size, cells } of lines) {
    const rounded = Math.round(size * 2) / 2;
    weights.set(rounded, (weights.get(rounded) ?? 0) + cells.join("").length);
  }
  return [...weights].sort((one, other) => other[1] - one[1])[0]?.[0] ?? 10;
}

/** The sizes clearly above the body's, largest first. */
function headingSizes(lines: Line[], body: number): number[] {
  const sizes = new Set(lines.filter(({ size }) => size > body * 1.15).map(({ size }) => Math.round(size * 2) / 2));
  return [...sizes].sort((one, other) => other - one).slice(0, 6);
}

/** Lines at the top or bottom that come back on most pages, their numbers aside. */
function runningHeads(pages: Line[][]): Set<string> {
  const counts = new Map<string, number>();
  for (const lines of pages) {
    const edges = new Set([...lines.slice(0, 2), ...lines.slice(-2)].map(mask));
    for (const edge of edges) counts.set(edge, (counts.get(edge) ?? 0) + 1);
  }
  const enough = Math.max(3, pages.length * 0.4);
  return new Set([...counts].filter(([, count]) => count >= enough).map(([text]) => text));
}

function mask(line: Line): string {
  return `${Math.round(line.down / 4)} ${line.cells.join(" ").replace(/\d+/g, "#")}`;
}
