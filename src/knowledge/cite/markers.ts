/** The numbers in brackets by which models say where they have something from, in the forms in which small models write them. */

const NUMBERS = String.raw`\d{1,3}(?:\s{0,2}[,，、;；–-]\s{0,2}\^?\d{1,3}){0,9}`;
const MARKER = new RegExp(
  String.raw`[[【［〔]\s?\^?(?:(?:sources?|passages?|documents?|来源|资料|文档|文献|引用|段落)\s?)?(${NUMBERS})(?:†[^\]】\n]{0,20})?\s?[\]】］〕](?!\()`,
  "giu",
);
/** What may yet become a marker when more text comes. */
const UNFINISHED = /[[【［〔][^\]】］〕\n]{0,90}$/u;
/** A whole marker at the end may yet be a link: `[2](` */
const MAYBE_LINK = /[\]】］〕]$/u;
const MOST_OF_RANGE = 20;

export interface Marker {
  start: number;
  end: number;
  numbers: number[];
}

/** In order. A bracket with a zero in it is mathematics or code. */
export function markersOf(text: string): Marker[] {
  const markers: Marker[] = [];
  for (const found of text.matchAll(MARKER)) {
    const numbers = numbersIn(found[1] ?? "");
    if (!numbers.includes(0)) markers.push({ start: found.index, end: found.index + found[0].length, numbers });
  }
  return markers;
}

/** How much of the text, from its start, no further text can change the markers of. */
export function settledLength(text: string): number {
  const unfinished = UNFINISHED.exec(text);
  if (unfinished) return unfinished.index;
  if (!MAYBE_LINK.test(text)) return text.length;
  const last = markersOf(text).at(-1);
  return last?.end === text.length ? last.start : text.length;
}

/** The offset of the first bracket that could be a marker's; the length of the text when there is none. */
export function firstBracket(text: string): number {
  const at = text.search(/[[【［〔]/u);
  return at < 0 ? text.length : at;
}

function numbersIn(list: string): number[] {
  const numbers: number[] = [];
  for (const part of list.split(/[,，、;；]/)) {
    const [from = 0, to = from] = (part.match(/\d+/g) ?? []).map(Number);
    for (let n = from; n <= to && n - from < MOST_OF_RANGE; n++) numbers.push(n);
    if (to < from) numbers.push(from, to);
  }
  return [...new Set(numbers)];
}
