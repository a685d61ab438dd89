/** The prompt for what belongs between two pieces of a file, in the tokens of the model's family. */
import { type Overflow, refuseOverflow } from "./fit.ts";
import { outputParserFor } from "./formats/index.ts";
import type { FoundFamily } from "./infill-families.ts";
import type { Prepared } from "./prompt.ts";

/** A piece of another file, or of elsewhere in this one. */
export interface OtherFile {
  filename: string;
  text: string;
}

export interface InfillRequest {
  family: FoundFamily;
  prefix: string;
  suffix: string;
  /** Most important last. */
  extra: OtherFile[];
  /** What goes before every prompt of this model. */
  bos: number[];
  /** Marks in the text are text. */
  tokenize: (text: string) => Promise<number[]>;
  contextLength: number;
  overflow: Pick<Overflow, "onOverflow" | "truncate">;
  /** Tokens to leave free for the answer. */
  reserve: number;
}

/** Nearest to the cursor matters most: the suffix gets at least this part of the room, the prefix what it leaves, other files the rest. */
const SUFFIX_PART = 0.25;

/**
 * Fits by leaving out what is farthest from the cursor: other files first, then the beginning of the prefix and the end of the suffix.
 * Throws Invalid (code `context_length_exceeded`) when nothing may be left out and it does not fit.
 */
export async function prepareInfill(request: InfillRequest): Promise<Prepared> {
  const { family, contextLength, reserve, overflow, bos } = request;
  const { tokenize } = request;
  const [prefix, suffix] = await Promise.all([tokenize(request.prefix), tokenize(request.suffix)]);
  const chunks = await Promise.all(request.extra.map(async (file) => await fileTokens(file, family, tokenize)));
  const head = chunks.length > 0 ? await repositoryTokens(family, tokenize) : [];
  const marks = bos.length + (family.ids.middle === undefined ? 2 : 3);
  const extraTokens = chunks.reduce((sum, chunk) => sum + chunk.length, chunks.length > 0 ? head.length : 0);
  const originalTokens = marks + prefix.length + suffix.length + extraTokens;
  if (originalTokens >= contextLength) refuseOverflow(overflow, originalTokens, contextLength);

  // Small contexts keep a place for at least one token of each.
  const room = Math.max(2, contextLength - 1 - marks - Math.min(reserve, Math.floor(contextLength / 4)));
  const suffixTokens = suffix.slice(0, Math.max(Math.floor(room * SUFFIX_PART), room - prefix.length));
  const prefixTokens = lastOf(prefix, room - suffixTokens.length);
  const extra = fitExtra(chunks, head, room - suffixTokens.length - prefixTokens.length);
  const { ids } = family;
  const before = [ids.prefix, ...prefixTokens];
  const after = [ids.suffix, ...suffixTokens];
  const parts = family.first === "prefix" ? [...before, ...after] : [...after, ...before];
  const tokens = [...bos, ...extra, ...parts, ...(ids.middle === undefined ? [] : [ids.middle])];
  return {
    prompt: asText(request),
    tokens,
    droppedMessages: 0,
    truncatedTokens: originalTokens - tokens.length,
    originalTokens,
    endsInThinking: false,
    // Where such a mark is a control token it must show, or nobody could stop at it.
    preserve: [...family.stop],
    stop: [...family.stop],
    parser: () => outputParserFor({}, {}),
  };
}

async function fileTokens(
  { filename, text }: OtherFile,
  { ids }: FoundFamily,
  tokenize: InfillRequest["tokenize"],
): Promise<number[]> {
  if (ids.file === undefined) return await tokenize(`\n\n--- ${filename} ---\n\n${text}`);
  return [ids.file, ...(await tokenize(`${filename}\n${text}\n`))];
}

/** What this repository is called nobody said; the mark alone tells the model that several files follow. */
async function repositoryTokens({ ids }: FoundFamily, tokenize: InfillRequest["tokenize"]): Promise<number[]> {
  return ids.repository === undefined ? [] : [ids.repository, ...(await tokenize("repository\n"))];
}

/** Whole chunks, the last ones first; a part of a file would look like all of it. */
function fitExtra(chunks: number[][], head: number[], room: number): number[] {
  let left = room - head.length;
  let from = chunks.length;
  while (from > 0 && (chunks[from - 1]?.length ?? 0) <= left) left -= chunks[--from]?.length ?? 0;
  return from === chunks.length ? [] : [...head, ...chunks.slice(from).flat()];
}

/** As text, for people to look at; with everything that was asked for. */
function asText({ family, prefix, suffix, extra }: InfillRequest): string {
  const files = extra.map(({ filename, text }) => `${family.file ?? "\n\n--- "}${filename}\n${text}\n`).join("");
  const before = `${family.prefix}${prefix}`;
  const after = `${family.suffix}${suffix}`;
  return `${files}${family.first === "prefix" ? before + after : after + before}${family.middle ?? ""}`;
}

function lastOf(tokens: number[], count: number): number[] {
  return count > 0 ? tokens.slice(-count) : [];
}
