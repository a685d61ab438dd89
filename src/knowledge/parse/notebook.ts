/** Notebooks (nbformat 3 and 4): cells of words as Markdown, cells of code as code, and the text they printed. */
import { Unreadable } from "../types.ts";
import { Draft, type Parsed } from "./draft.ts";
import type { Source } from "./limits.ts";
import { readMarkdown } from "./markdown.ts";

/** What a cell printed beyond this is a log rather than a result. */
const OUTPUT_CHARACTERS = 2_000;

export function readNotebook(text: string, source: Source): Parsed {
  const notebook = parse(text, source);
  const draft = new Draft(source);
  const metadata = record(notebook.metadata);
  if (typeof metadata.title === "string") draft.title = metadata.title;
  // Version 3 keeps its cells on worksheets.
  const cells = [...list(notebook.cells), ...list(notebook.worksheets).flatMap((sheet) => list(record(sheet).cells))].map(record);
  for (const [index, cell] of cells.entries()) {
    const content = lines(cell.source ?? cell.input);
    if (cell.cell_type === "code") {
      draft.add("code", content, { symbol: `cell ${index + 1}` });
      for (const output of list(cell.outputs)) addOutput(draft, record(output), index + 1);
    } else if (cell.cell_type === "heading") draft.heading(Number(cell.level) || 1, content);
    else {
      const part = readMarkdown(content);
      draft.title ||= part.title;
      draft.append(part);
    }
  }
  return draft.done();
}

function addOutput(draft: Draft, output: Record<string, unknown>, cell: number): void {
  const text = lines(output.text ?? record(output.data)["text/plain"]);
  const symbol = `output of cell ${cell}`;
  if (text.length <= OUTPUT_CHARACTERS) draft.add("code", text, { symbol });
  else {
    draft.add("code", text.slice(0, text.lastIndexOf("\n", OUTPUT_CHARACTERS) + 1 || OUTPUT_CHARACTERS), { symbol });
    draft.note(`The output of cell ${cell} is long; only its beginning was read.`);
  }
}

function parse(text: string, source: Source): Record<string, unknown> {
  try {
    return record(JSON.parse(text));
  } catch (error) {
    throw new Unreadable("damaged", `${source.name} is damaged: a notebook is JSON, and this is not`, { cause: error });
  }
}

/** Text is a string or a list of lines. */
function lines(value: unknown): string {
  return typeof value === "string"
    ? value
    : list(value)
        .filter((line) => typeof line === "string")
        .join("");
}

function list(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}

function record(value: unknown): Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? Object.fromEntries(Object.entries(value)) : {};
}
