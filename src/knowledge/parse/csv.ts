/** Tables in text: commas, semicolons, tabs or bars between the cells, quoted as RFC 4180 says. */
import { Draft, type Parsed } from "./draft.ts";
import type { Source } from "./limits.ts";

const DELIMITERS = [",", ";", "\t", "|"];

export function readCsv(text: string, source: Source): Parsed {
  const draft = new Draft(source);
  draft.table(rowsOf(text, delimiterOf(text)));
  return draft.done();
}

/** The mark that parts the first lines into the same number of cells, the most of them. */
export function delimiterOf(text: string): string {
  const sample = text.slice(0, 20_000);
  const scores = DELIMITERS.map((delimiter) => {
    const widths = rowsOf(sample, delimiter)
      .slice(0, 20)
      .map((row) => row.length);
    const usual = widths[Math.floor(widths.length / 2)] ?? 1;
    const same = widths.filter((width) => width === usual).length / Math.max(widths.length, 1);
    return { delimiter, score: usual < 2 ? 0 : same * 10 + usual / 100 };
  });
  return scores.sort((one, other) => other.score - one.score)[0]?.delimiter ?? ",";
}

export function rowsOf(text: string, delimiter: string): string[][] {
  const rows: string[][] = [];
  let row: string[] = [];
  let cell = "";
  for (let at = 0; at < text.length; ) {
    const character = text[at];
    const close = character === '"' && cell === "" ? endOfQuote(text, at, delimiter) : -1;
    if (close >= 0) {
      cell = text.slice(at + 1, close).replaceAll('""', '"');
      at = close + 1;
      continue;
    }
    if (character === delimiter) {
      row.push(cell);
      cell = "";
    } else if (character === "\n") {
      rows.push([...row, cell]);
      row = [];
      cell = "";
    } else cell += character;
    at++;
  }
  if (cell !== "" || row.length > 0) rows.push([...row, cell]);
  return rows;
}

/** Where the quote closes; -1 when nothing or something else than a cell's end follows: then it is a quotation mark like any other. */
function endOfQuote(text: string, open: number, delimiter: string): number {
  for (let at = text.indexOf('"', open + 1); at >= 0; at = text.indexOf('"', at + 1)) {
    if (text[at + 1] === '"') at++;
    else return at + 1 === text.length || text[at + 1] === delimiter || text[at + 1] === "\n" ? at : -1;
  }
  return -1;
}
