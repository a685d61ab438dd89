/** Packs the pieces of one group into passages. */
import type { Block, Passage } from "../types.ts";
import type { Group } from "./groups.ts";
import type { CutOptions } from "./index.ts";
import { splitUnit } from "./split.ts";
import { type Unit, unitsOf } from "./units.ts";

interface Piece extends Unit {
  block: Block;
  tokens: number;
}

/** A last passage below this share of the target joins the one before it, if both fit. */
const TAIL_SHARE = 0.3;

/** Several symbols share a passage only while they are this small: constants, one-line functions. */
const SYMBOLS_SHARE = 0.4;

export function pack(text: string, group: Group, options: CutOptions): Passage[] {
  const { countTokens, target, most } = options;
  const runs: Piece[][] = [];
  let open: Piece[] = [];
  let tokens = 0;
  const close = () => {
    if (open.length > 0) runs.push(open);
    open = [];
    tokens = 0;
  };
  const add = (piece: Piece) => {
    if (tokens + piece.tokens > target && !onlyHeadings(open)) close();
    open.push(piece);
    tokens += piece.tokens;
  };
  for (const block of group.blocks) {
    const pieces = piecesOf(text, block, options);
    const sum = pieces.reduce((total, piece) => total + piece.tokens, 0);
    // Tables, code and symbols stay apart from prose, unless they are small enough to stand in it whole.
    const room = block.symbol === undefined && open.at(-1)?.block.symbol === undefined ? target : target * SYMBOLS_SHARE;
    const standsIn = tokens + sum <= room;
    const apart = (isApart(block) || (open.at(-1) && isApart(open.at(-1)?.block))) && !standsIn;
    if (apart && !onlyHeadings(open)) close();
    for (const piece of pieces) add(piece);
  }
  close();
  const fitting = runs.flatMap((run) => withinLimit(text, run, countTokens, most));
  return joinTail(text, fitting, options).map((run) => passage(text, run, group, options));
}

function isApart(block: Block | undefined): boolean {
  return block?.kind === "table" || block?.kind === "code";
}

function onlyHeadings(pieces: Piece[]): boolean {
  return pieces.every(({ block }) => block.kind === "heading");
}

function piecesOf(text: string, block: Block, options: CutOptions): Piece[] {
  const { countTokens } = options;
  const most = options.most - headerTokens(block, options);
  return unitsOf(text, block).flatMap((unit) => {
    const tokens = countTokens(text.slice(unit.start, unit.end));
    if (tokens <= most) return [{ ...unit, block, tokens }];
    return splitUnit(text, unit, { countTokens, most }).map((part) => ({
      ...part,
      block,
      tokens: countTokens(text.slice(part.start, part.end)),
    }));
  });
}

/** Room for the header row in front of a group of rows; none when the header would take half of the passage. */
function headerTokens(block: Block, { countTokens, most }: CutOptions): number {
  const tokens = block.headerRow === undefined ? 0 : countTokens(`${block.headerRow}\n`);
  return tokens * 2 <= most ? tokens : 0;
}

/** Counts of pieces do not add up exactly to the count of the whole: a run that came out too long is parted again. */
function withinLimit(text: string, run: Piece[], countTokens: CutOptions["countTokens"], most: number): Piece[][] {
  if (run.length < 2 || countIn(text, run, countTokens) <= most) return [run];
  const half = run.length >> 1;
  return [run.slice(0, half), run.slice(half)].flatMap((part) => withinLimit(text, part, countTokens, most));
}

function joinTail(text: string, runs: Piece[][], { countTokens, target, most }: CutOptions): Piece[][] {
  const [tail, before] = [runs.at(-1), runs.at(-2)];
  if (!tail || !before) return runs;
  const sameKind = isApart(tail[0]?.block) || isApart(before.at(-1)?.block) ? tail[0]?.block === before.at(-1)?.block : true;
  const isShort = countIn(text, tail, countTokens) < target * TAIL_SHARE;
  const joined = [...before, ...tail];
  return sameKind && isShort && countIn(text, joined, countTokens) <= most ? [...runs.slice(0, -2), joined] : runs;
}

/** With the header row, when the run is a later part of a table. */
function countIn(text: string, run: Piece[], countTokens: CutOptions["countTokens"]): number {
  const [first, last] = [run[0], run.at(-1)];
  if (!first || !last) return 0;
  const slice = text.slice(first.start, last.end);
  return countTokens(isLaterRows(first) ? `${first.block.headerRow}\n${slice}` : slice);
}

function isLaterRows({ block, start }: Piece): boolean {
  return block.kind === "table" && block.headerRow !== undefined && start > block.start;
}

function passage(text: string, run: Piece[], { headings }: Group, { countTokens, most }: CutOptions): Passage {
  const [first, last] = [run[0], run.at(-1)];
  if (!first || !last) throw new Error("a passage of no pieces");
  const body = (run.find(({ block }) => block.kind !== "heading") ?? first).block;
  const symbols = [...new Set(run.flatMap(({ block }) => block.symbol ?? []))];
  const tokens = countTokens(text.slice(first.start, last.end));
  const withHeader = isLaterRows(first) ? countIn(text, run, countTokens) : 0;
  return {
    start: first.start,
    end: last.end,
    ...(first.block.page !== undefined && { page: first.block.page }),
    headings,
    kind: body.kind,
    tokens: withHeader > 0 && withHeader <= most ? withHeader : tokens,
    ...(withHeader > 0 && withHeader <= most && { headerRow: first.block.headerRow ?? "" }),
    ...(symbols.length > 0 && { symbol: symbols.join(", ") }),
  };
}
