/** Source code: a block for each function, class or other named thing, with the comments above it; lines between them are blocks too. */
import type { Block } from "../types.ts";
import { type Language, languageOf } from "./code-languages.ts";
import type { Parsed } from "./draft.ts";
import { linesOf } from "./markdown.ts";

/** A symbol longer than this is parted by its members. */
const LONG_LINES = 60;

interface Start {
  line: number;
  symbol?: string;
}

export function readCode(text: string, extension: string): Parsed {
  const language = languageOf(extension);
  const lines = linesOf(text).map(({ start, text: line }) => ({ start, line }));
  const starts =
    language === undefined
      ? []
      : symbols(
          lines.map(({ line }) => line),
          language,
        );
  if (starts[0]?.line !== 0) starts.unshift({ line: 0 });
  const blocks: Block[] = [];
  for (const [index, { line, symbol }] of starts.entries()) {
    let from = line;
    let to = starts[index + 1]?.line ?? lines.length;
    while (from < to && lines[from]?.line.trim() === "") from++;
    while (to > from && lines[to - 1]?.line.trim() === "") to--;
    const [head, tail] = [lines[from], lines[to - 1]];
    if (from >= to || !head || !tail) continue;
    blocks.push({
      start: head.start,
      end: tail.start + tail.line.trimEnd().length,
      kind: "code",
      ...(symbol !== undefined && { symbol }),
    });
  }
  return { title: "", text, blocks, notes: [] };
}

/** Where symbols begin, and where the lines begin that belong to none. */
function symbols(lines: string[], language: Language): Start[] {
  const starts: Start[] = [];
  for (let at = 0; at < lines.length; at++) {
    const name = nameAt(lines[at] ?? "", 0, language);
    if (name === undefined) continue;
    const end = endOfSymbol(lines, at, language);
    const begin = leading(lines, at, starts.at(-1)?.line ?? 0, language);
    starts.push({ line: begin, symbol: name });
    if (end - at > LONG_LINES) starts.push(...members(lines, at, end, name, language));
    starts.push({ line: end });
    at = end - 1;
  }
  // Where one symbol follows the other there is nothing between them.
  return starts.filter((start, index) => start.symbol !== undefined || isText(lines.slice(start.line, starts[index + 1]?.line)));
}

function isText(lines: string[]): boolean {
  return lines.some((line) => line.trim() !== "");
}

function members(lines: string[], from: number, end: number, owner: string, language: Language): Start[] {
  const inner = lines.slice(from + 1, end).find((line) => line.trim() !== "");
  const indent = inner === undefined ? 0 : inner.length - inner.trimStart().length;
  if (indent === 0) return [];
  const starts: Start[] = [];
  for (let at = from + 1; at < end; at++) {
    const name = nameAt(lines[at] ?? "", indent, language);
    if (name !== undefined)
      starts.push({ line: leading(lines, at, starts.at(-1)?.line ?? from + 1, language), symbol: `${owner}.${name}` });
  }
  return starts;
}

/** The name that a line at this indent declares. */
function nameAt(line: string, indent: number, { declares, member }: Language): string | undefined {
  const text = line.trimStart();
  if (text === "" || line.length - text.length !== indent) return undefined;
  for (const pattern of indent > 0 && member ? [...declares, member] : declares) {
    const name = pattern
      .exec(text)
      ?.slice(1)
      .find((group) => group !== undefined);
    if (name !== undefined && !/^(if|for|while|switch|catch|return|else|function|do|with|new|await|throw)$/.test(name))
      return name;
  }
  return undefined;
}

/** Comments, decorators and attributes directly above belong to the symbol. */
function leading(lines: string[], at: number, least: number, { above }: Language): number {
  let from = at;
  while (from > least + (least === 0 ? 0 : 1) && above.test(lines[from - 1] ?? "")) from--;
  return from;
}

/** The first line that is no longer part of it: at the outermost indent, and neither a closing bracket nor a continuation. */
function endOfSymbol(lines: string[], from: number, language: Language): number {
  let end = from + 1;
  for (let at = from + 1; at < lines.length; at++) {
    const line = lines[at] ?? "";
    if (line.trim() === "") continue;
    const isInside = language.untilNext
      ? nameAt(line, 0, language) === undefined
      : /^\s/.test(line) || language.closes.test(line);
    if (isInside) end = at + 1;
    else break;
  }
  return end;
}
