/** The rows of one sheet, as a stream: sheets are the one part of an office file that is large as a rule. */
import { Parser } from "htmlparser2";
import { Unreadable } from "../types.ts";
import type { Source } from "./limits.ts";
import type { Formats } from "./xlsx-values.ts";

const MOST_COLUMNS = 16_384;
/** Columns that may be empty between two filled ones before the gap is closed. */
const MOST_GAP = 64;

interface SheetContext {
  shared: string[];
  formats: Formats;
  source: Source;
}

/** Rows without a value are left out. */
export function readSheet(xml: string, { shared, formats, source }: SheetContext): string[][] {
  const rows: string[][] = [];
  let row: string[] = [];
  let cell = { column: 0, type: "n", style: 0 };
  let value: string | undefined;
  let text = "";
  let characters = 0;
  const show = (raw: string): string => {
    if (cell.type === "s") return shared[Number(raw)] ?? "";
    if (cell.type === "b") return raw === "1" ? "TRUE" : "FALSE";
    return cell.type === "n" ? formats(raw, cell.style) : raw;
  };
  const parser = new Parser(
    {
      onopentag(name, attributes) {
        if (name === "row") row = [];
        else if (name === "c") {
          cell = { column: columnOf(attributes.r) ?? row.length, type: attributes.t ?? "n", style: Number(attributes.s ?? 0) };
          value = undefined;
        }
        if (name === "v" || name === "t") text = "";
      },
      ontext(data) {
        text += data;
      },
      onclosetag(name) {
        if (name === "v") value = show(text);
        else if (name === "t" && cell.type === "inlineStr") value = (value ?? "") + text;
        else if (name === "c" && value !== undefined && value !== "") {
          const column = Math.min(cell.column, row.length + MOST_GAP, MOST_COLUMNS);
          while (row.length < column) row.push("");
          row.push(value);
          characters += value.length;
          if (characters > source.limits.characters) {
            throw new Unreadable(
              "too-large",
              `${source.name} has a sheet of more than ${source.limits.characters.toLocaleString("en")} characters: split it`,
            );
          }
        } else if (name === "row" && row.length > 0) rows.push(row);
      },
    },
    { xmlMode: true },
  );
  parser.end(xml);
  return rows;
}

/** "C7" is 2. */
function columnOf(reference: string | undefined): number | undefined {
  const letters = /^[A-Z]{1,3}/.exec(reference ?? "")?.[0];
  return letters === undefined ? undefined : [...letters].reduce((sum, letter) => sum * 26 + letter.charCodeAt(0) - 64, 0) - 1;
}
