/** Where a text has the words of a query: for showing them, not for finding. */

/** From and to, in UTF-16 code units, in order and apart from each other. */
export type Span = readonly [start: number, end: number];

const LATIN = /[\p{L}\p{N}][\p{L}\p{N}\p{M}'’]*/gu;
const HAN = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}]/u;
const HAN_RUN = new RegExp(`${HAN.source}+`, "gu");
/** Words that would mark half of every text. */
const COMMON = new Set(
  `a an and are as at be by can did do does for from had has have how i in is it its of on or than that the their there
   these they this to was we were what when where which who why will with you 什么 怎么 如何 哪个 哪些 哪里 是否 多少 为什么 请问`.split(
    /\s+/,
  ),
);
/** Endings of English words that mean the same word. */
const ENDING = /(?:ies|es|ed|ing|ly|s|e|y)$/;

/** Words in any form and case; Chinese and its neighbours by two or more characters in a row. */
export function matchedSpans(text: string, query: string): Span[] {
  const words = new Set(wordsIn(query).filter(isTelling).map(stem));
  const pairs = new Set(hanRuns(query).flatMap(pairsOf));
  const spans: Span[] = [];
  for (const { 0: word, index } of text.matchAll(LATIN)) {
    if (!HAN.test(word) && words.has(stem(word))) spans.push([index, index + word.length]);
  }
  for (const { 0: run, index } of text.matchAll(HAN_RUN)) {
    for (let i = 0; i + 1 < run.length; i += 1) if (pairs.has(run.slice(i, i + 2))) spans.push([index + i, index + i + 2]);
  }
  return merged(spans);
}

function wordsIn(text: string): string[] {
  return (text.match(LATIN) ?? []).filter((word) => !HAN.test(word));
}

function isTelling(word: string): boolean {
  return !COMMON.has(word.toLowerCase()) && (word.length > 1 || /\p{N}/u.test(word));
}

function stem(word: string): string {
  const folded = word
    .normalize("NFKD")
    .replace(/\p{M}/gu, "")
    .toLowerCase()
    .replace(/['’]s?$/, "");
  const short = folded.replace(ENDING, "");
  return short.length >= 3 ? short : folded;
}

function hanRuns(text: string): string[] {
  return text.match(HAN_RUN) ?? [];
}

function pairsOf(run: string): string[] {
  const pairs = Array.from({ length: Math.max(0, run.length - 1) }, (_, i) => run.slice(i, i + 2));
  return pairs.filter((pair) => !COMMON.has(pair));
}

function merged(spans: Span[]): Span[] {
  const joined: [number, number][] = [];
  for (const [start, end] of spans.toSorted((a, b) => a[0] - b[0])) {
    const last = joined.at(-1);
    if (last && start <= last[1]) last[1] = Math.max(last[1], end);
    else joined.push([start, end]);
  }
  return joined;
}
