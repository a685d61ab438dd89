/** A document while it is being read: blocks are appended, the text and the offsets follow. */
import { type Block, type BlockKind, type ParsedDocument, Unreadable } from "../types.ts";
import { clean, oneLine } from "./clean.ts";
import type { Source } from "./limits.ts";

/** What a reader returns; read.ts adds the language. */
export type Parsed = Omit<ParsedDocument, "language">;

type Extra = Pick<Block, "level" | "page" | "headerRow" | "symbol">;

const BETWEEN_CELLS = " | ";

export class Draft {
  title = "";
  pages: number | undefined;
  /** Goes into every block that is added from now on. */
  page: number | undefined;
  readonly notes: string[] = [];
  readonly #blocks: Block[] = [];
  readonly #parts: string[] = [];
  readonly #source: Source;
  #length = 0;

  constructor(source: Source) {
    this.#source = source;
  }

  get name(): string {
    return this.#source.name;
  }

  get isEmpty(): boolean {
    return this.#blocks.length === 0;
  }

  note(sentence: string): void {
    if (!this.notes.includes(sentence)) this.notes.push(sentence);
  }

  /** Appends a block; text without anything visible is no block. */
  add(kind: BlockKind, text: string, extra: Extra = {}): void {
    const cleaned = clean(text).replace(/^\s*\n|\s+$/g, "");
    const body = kind === "code" || kind === "list" ? cleaned : cleaned.trim();
    if (body.trim() === "") return;
    const page = extra.page ?? this.page;
    this.#append(body);
    this.#blocks.push({
      start: this.#length - body.length,
      end: this.#length,
      kind,
      ...(extra.level !== undefined && { level: extra.level }),
      ...(page !== undefined && { page }),
      ...(extra.headerRow !== undefined && { headerRow: extra.headerRow }),
      ...(extra.symbol !== undefined && { symbol: extra.symbol }),
    });
  }

  heading(level: number, text: string, extra: Extra = {}): void {
    this.add("heading", oneLine(text), { ...extra, level: Math.min(Math.max(Math.round(level), 1), 9) });
  }

  /** One line a row. Of one column it is a list of paragraphs; rows above the line that names the columns are a paragraph. */
  table(rows: string[][], { headless = false }: { headless?: boolean } = {}): void {
    const filled = rows.map((row) => row.map(oneLine)).filter((row) => row.some((cell) => cell !== ""));
    const columns = filled.reduce((most, row) => Math.max(most, lastFilled(row)), 0);
    if (columns <= 1) {
      for (const row of filled) this.add("paragraph", row[0] ?? "");
      return;
    }
    const lines = filled.map((row) => row.slice(0, lastFilled(row)).join(BETWEEN_CELLS));
    const head = headless ? -1 : headerOf(filled, columns);
    if (head > 0) this.add("paragraph", lines.slice(0, head).join("\n"));
    const body = lines.slice(Math.max(head, 0));
    const headerRow = head >= 0 ? body[0]?.trim() : undefined;
    this.add("table", body.join("\n"), headerRow === undefined ? {} : { headerRow });
  }

  /** Appends another document whole: a cell of a notebook, a message inside a message. */
  append(part: Parsed, extra: Extra = {}): void {
    for (const block of part.blocks) this.add(block.kind, part.text.slice(block.start, block.end), { ...block, ...extra });
    for (const note of part.notes) this.note(note);
  }

  done(): Parsed {
    return {
      title: oneLine(this.title),
      text: this.#parts.join(""),
      blocks: this.#blocks,
      ...(this.pages !== undefined && { pages: this.pages }),
      notes: this.notes,
    };
  }

  #append(body: string): void {
    const between = this.#length === 0 ? "" : "\n\n";
    this.#length += between.length + body.length;
    const { characters } = this.#source.limits;
    if (this.#length > characters) {
      throw new Unreadable(
        "too-large",
        `${this.#source.name} has more than ${characters.toLocaleString("en")} characters of text: split it`,
      );
    }
    this.#parts.push(between, body);
  }
}

function lastFilled(row: string[]): number {
  return row.findLastIndex((cell) => cell !== "") + 1;
}

/** The first of the leading rows that is mostly filled and holds no number; -1 when there is none. */
function headerOf(rows: string[][], columns: number): number {
  const enough = Math.max(2, Math.ceil(columns * 0.6));
  for (const [index, row] of rows.slice(0, 6).entries()) {
    const cells = row.filter((cell) => cell !== "");
    if (cells.length < enough) continue;
    return index < rows.length - 1 && !cells.some(isValue) ? index : -1;
  }
  return -1;
}

/** A number that is no year, or a name with a colon, whose value stands beside it and not below. */
function isValue(cell: string): boolean {
  return (/^[-+]?[\d.,]+ ?%?$/.test(cell) && !/^(19|20)\d\d$/.test(cell)) || /[:：]$/.test(cell);
}
