/** Lines of PDF pages to blocks: headings by size or bookmark, tables by cells, paragraphs by distance; running heads are left out. */
import type { Draft } from "./draft.ts";
import type { Line } from "./pdf-lines.ts";
import { countRows, rowsOfLines } from "./pdf-tables.ts";

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
    const { text } = line;
    if (text.length > HEADING_CHARACTERS || !/\p{L}/u.test(text)) return undefined;
    const marked = outline.get(text.replace(/\s+/g, "").toLowerCase());
    if (marked !== undefined) return marked;
    const rank = sizes.findIndex((size) => Math.abs(size - line.size) < 0.3);
    return rank < 0 || line.cells > 3 ? undefined : rank + 1;
  };
  let paragraph: { text: string; page: number; last: Line; isList: boolean } | undefined;
  const endParagraph = () => {
    if (paragraph) draft.add(paragraph.isList ? "list" : "paragraph", paragraph.text, { page: paragraph.page });
    paragraph = undefined;
  };
  for (const [index, all] of pages.entries()) {
    const page = index + 1;
    draft.page = page;
    const lines = all.filter(
      (line, place) => !running.has(mask(line)) && !((place === 0 || place === all.length - 1) && isPageNumber(line)),
    );
    for (let at = 0; at < lines.length; at++) {
      const line = lines[at];
      if (line === undefined) continue;
      const rows = countRows(lines, at);
      if (rows > 0) {
        endParagraph();
        draft.table(rowsOfLines(lines.slice(at, at + rows)));
        at += rows - 1;
        continue;
      }
      const level = levelOf(line);
      const { text } = line;
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
          lines[at + 1] = { ...next, text: join(text, next.text) };
          continue;
        }
        draft.heading(level, text);
        continue;
      }
      const last = paragraph?.last;
      if (paragraph && last && continues(paragraph, line, paragraph.page === page || lines[at - 1] !== undefined, body)) {
        const isOwnLine =
          (paragraph.isList && BULLET.test(text)) || (last.down < line.down && isShort(last, lines) && !/^\p{Ll}/u.test(text));
        paragraph.text = isOwnLine ? `${paragraph.text}\n${text}` : join(paragraph.text, text);
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
  const { text } = line;
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

function commonSize(lines: Line[]): number {
  const weights = new Map<number, number>();
  for (const { size, text } of lines) {
    const rounded = Math.round(size * 2) / 2;
    weights.set(rounded, (weights.get(rounded) ?? 0) + text.length);
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

function isPageNumber({ text }: Line): boolean {
  return (
    /^[-–—\s]*(?:(?:page|seite|p\.)\s*)?\d{1,4}(?:\s*(?:\/|of|von)\s*\d{1,4})?[-–—\s]*$/i.test(text) ||
    /^第\s*\d+\s*[页頁]/.test(text)
  );
}

/** Ends well before the edge that its neighbours reach: the writer began a new line, not the page's width. */
function isShort(line: Line, lines: Line[]): boolean {
  const edge = Math.max(...lines.filter(({ left }) => Math.abs(left - line.left) < line.size * 2).map(({ right }) => right));
  return line.right - line.left < (edge - line.left) * 0.7;
}

function mask(line: Line): string {
  return `${Math.round(line.down / 4)} ${line.text.replace(/\d+/g, "#")}`;
}
