/** Text as the rest of the product may rely on it: "\n" at line ends, no NULs or other controls, no lone surrogates. */

// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is removed
const CONTROLS = /[\u0000-\u0008\u000E-\u001F\u007F\u0080-\u0084\u0086-\u009F\uFEFF\uFFFE\uFFFF]/g;

export function clean(text: string): string {
  return text
    .replace(/\r\n?|[\u0085\u2028\u2029]/g, "\n")
    .replace(/[\v\f]/g, "\n")
    .replace(CONTROLS, "")
    .replace(/\p{Surrogate}/gu, "\uFFFD");
}

/** One line: white space runs (also no-break spaces) become one space, soft hyphens go. */
export function oneLine(text: string): string {
  return clean(text)
    .replace(/\u00AD/g, "")
    .replace(/[\s\u00A0]+/g, " ")
    .trim();
}

/** Radicals that Unicode does not map to their ideographs, in pairs. */
const RADICALS = new Map(
  "⺟母⺠民⺩王⻁虎⻄西⻅见⻆角⻉贝⻋车⻑長⻓长⻔门⻘青⻙韦⻚页⻛风⻜飞⻝食⻢马⻣骨⻤鬼⻥鱼⻦鸟⻧卤⻨麦⻩黄⻪黾⻬齐⻮齿⻰龙⻱龜⻳龟"
    .match(/../gu)
    ?.map((pair): [string, string] => [pair.slice(0, 1), pair.slice(1)]),
);

/** PDF fonts name some characters by their look: radicals stand for the ideographs, ligatures for their letters. */
export function plainForms(text: string): string {
  return text
    .replace(/[\u2F00-\u2FDF\uF900-\uFAFF\uFB00-\uFB06]+/g, (found) => found.normalize("NFKC"))
    .replace(/[\u2E80-\u2EFF]/g, (found) => RADICALS.get(found) ?? found.normalize("NFKC"));
}
