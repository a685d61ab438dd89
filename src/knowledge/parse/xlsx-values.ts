/** Numbers of a sheet as a reader sees them: days as dates, shares as per cent. */
import { type Element, elements, first } from "./xml.ts";

/** The text of a number under the cell style of that index. */
export type Formats = (value: string, style: number) => string;

/** Built-in formats that are dates and times (ECMA-376, 18.8.30), those of East Asian locales included. */
const DATES = new Set([14, 15, 16, 17, 22, 27, 28, 29, 30, 31, 36, 50, 51, 52, 53, 54, 57, 58]);
const TIMES = new Set([18, 19, 20, 21, 32, 33, 34, 35, 45, 46, 47, 55, 56]);
const PERCENTS = new Set([9, 10]);
const DAY_MS = 86_400_000;

export function readFormats(styles: Element | undefined, since1904: boolean): Formats {
  const codes = new Map<number, string>();
  for (const { attributes } of elements(first(styles, "numFmts"), "numFmt")) {
    // Quoted words, escaped characters, colours and locales are no part of the pattern.
    codes.set(Number(attributes.numFmtId), (attributes.formatCode ?? "").replace(/"[^"]*"|\\.|\[[^\]]*\]|_./g, ""));
  }
  const kinds = elements(first(styles, "cellXfs"), "xf").map(({ attributes }) => kindOf(Number(attributes.numFmtId ?? 0), codes));
  return (value, style) => {
    const number = Number(value);
    if (value.trim() === "" || !Number.isFinite(number)) return value;
    const kind = kinds[style];
    if (kind === "percent") return `${tidy(number * 100)}%`;
    if (kind === "date" || kind === "time") return dateOf(number, kind, since1904) ?? tidy(number);
    return tidy(number);
  };
}

function kindOf(id: number, codes: Map<number, string>): "date" | "time" | "percent" | undefined {
  const code = codes.get(id);
  if (code === undefined) return DATES.has(id) ? "date" : TIMES.has(id) ? "time" : PERCENTS.has(id) ? "percent" : undefined;
  if (/[yd]/i.test(code)) return "date";
  if (/[hs]/i.test(code)) return "time";
  return code.includes("%") ? "percent" : undefined;
}

/** Days since 1899-12-30, which makes 1900-03-01 and later right; Excel itself takes 1900 for a leap year. */
function dateOf(days: number, kind: "date" | "time", since1904: boolean): string | undefined {
  if (days < 0 || days > 2_958_466) return undefined;
  const moment = new Date(Math.round(days * DAY_MS) + Date.UTC(since1904 ? 1904 : 1899, since1904 ? 0 : 11, since1904 ? 1 : 30));
  const [date, time] = [moment.toISOString().slice(0, 10), moment.toISOString().slice(11, 19)];
  if (kind === "time" && days < 1) return time;
  return time === "00:00:00" ? date : `${date} ${time}`;
}

/** Without the noise of binary fractions: 0.1 + 0.2 is 0.3. */
function tidy(number: number): string {
  return String(Number(number.toPrecision(15)));
}
