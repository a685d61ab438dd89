/** The part of a passage that shows why it was found, with the words of the query in bold on a terminal. */
import { breakLines } from "../terminal/break-lines.ts";
import { bold, type Terminal } from "../terminal/terminal.ts";
import { visible } from "../terminal/visible.ts";
import { characters, characterWidth, textWidth } from "../terminal/width.ts";
import { matchedSpans, type Span } from "./matched.ts";

const MOST_LINES = 3;
const INDENT = "    ";
/** Columns of an excerpt where there is no window. */
const REDIRECTED_COLUMNS = 300;
const MARGIN = 2;

/** Indented lines with their ends. Redirected it is one line, without bold. */
export function excerpt(text: string, query: string, terminal: Pick<Terminal, "outIsTty" | "columns" | "color">): string {
  const width = terminal.outIsTty ? Math.max(20, terminal.columns() - INDENT.length - MARGIN) : REDIRECTED_COLUMNS;
  const shown = clipAround(visible(text).replace(/\s+/g, " ").trim(), query, terminal.outIsTty ? width * MOST_LINES : width);
  const spans = matchedSpans(shown, query);
  const lines = terminal.outIsTty ? breakLines(shown, width) : [[0, shown.length] as const];
  return lines.map(([start, end]) => `${INDENT}${marked(shown, [start, end], spans, terminal)}\n`).join("");
}

/** At most so many columns around where the query's words are densest, with dots where something is cut off. */
function clipAround(text: string, query: string, columns: number): string {
  if (textWidth(text) <= columns) return text;
  const parts = characters(text);
  const room = columns - 2;
  const start = startOf(parts, weightsOf(text, parts, query), room);
  const tail = parts.slice(start);
  let width = 0;
  const cut = tail.findIndex((part) => {
    width += characterWidth(part);
    return width > room;
  });
  const end = cut < 0 ? tail.length : wordEnd(tail, cut);
  return `${start > 0 ? "…" : ""}${tail.slice(0, end).join("")}${end < tail.length ? "…" : ""}`;
}

/** Where so many columns hold the most of the words; from there, where the sentence of the first of them begins. */
function startOf(parts: readonly string[], weights: readonly number[], room: number): number {
  const widths = parts.map(characterWidth);
  let [best, bestEnd, bestWeight, weight, used, from] = [0, 0, 0, 0, 0, 0];
  for (let to = 0; to < parts.length; to += 1) {
    used += widths[to] ?? 0;
    weight += weights[to] ?? 0;
    for (; used > room; from += 1) {
      used -= widths[from] ?? 0;
      weight -= weights[from] ?? 0;
    }
    if (weight > bestWeight) [best, bestEnd, bestWeight] = [from, to, weight];
  }
  if (bestWeight === 0) return 0;
  const first = weights.findIndex((one, i) => i >= best && one > 0);
  const start = sentenceStart(parts, first);
  const fits = widths.slice(start, bestEnd + 1).reduce((sum, one) => sum + one, 0) <= room;
  return fits ? start : first;
}

function weightsOf(text: string, parts: readonly string[], query: string): number[] {
  const spans = matchedSpans(text, query);
  let at = 0;
  return parts.map((part) => {
    const isMarked = spans.some(([start, end]) => start <= at && at < end);
    at += part.length;
    return isMarked ? 1 : 0;
  });
}

/** Back to where a sentence begins, or else to a word, if that is near. */
function sentenceStart(parts: readonly string[], at: number): number {
  for (let i = at; i > Math.max(0, at - 80); i -= 1)
    if (/[.!?。！？；]/.test(parts[i - 1] ?? "")) return parts[i] === " " ? i + 1 : i;
  for (let i = at; i > Math.max(0, at - 20); i -= 1) if (parts[i - 1] === " ") return i;
  return at < 80 ? 0 : at;
}

function wordEnd(parts: readonly string[], at: number): number {
  for (let i = at; i > Math.max(0, at - 20); i -= 1) if (parts[i] === " " || textWidth(parts[i - 1] ?? "") === 2) return i;
  return at;
}

function marked(text: string, [from, to]: Span, spans: readonly Span[], terminal: Pick<Terminal, "color">): string {
  let line = "";
  let at = from;
  for (const [start, end] of spans) {
    if (end <= at || start >= to) continue;
    const begin = Math.max(at, start);
    line += text.slice(at, begin) + bold(text.slice(begin, Math.min(end, to)), terminal);
    at = Math.min(end, to);
  }
  return line + text.slice(at, to);
}
