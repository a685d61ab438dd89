/** Which sources a model is given, so that they, the conversation and the answer fit its context. Counts with the model's own tokenizer. */
import { Invalid } from "../errors.ts";
import type { Ability } from "./ability.ts";
import { excerptOf } from "./excerpt.ts";
import { joinTouching } from "./join.ts";
import { defused, defusedThoroughly } from "./prompt/fence.ts";
import { type PromptRequest, promptFor, type Turn, writtenSource } from "./prompt.ts";
import type { Hit, PageStart, Source } from "./sources.ts";

/** The loaded model, as far as planning needs it. */
export interface Bench {
  /** Tokens that prompt and answer may have together. */
  contextLength: number;
  /** Tokens that are wanted for the answer. */
  answerTokens: number;
  /** Tokens of the whole prompt, as the model's template writes it. */
  count(messages: readonly Turn[]): Promise<number>;
  countText(text: string): Promise<number>;
  /** Whether the model reads the text as text, with no control token in it. */
  isPlain(text: string): Promise<boolean>;
}

export interface Library {
  /** Undefined when it is gone, or longer than that many characters. */
  document(id: number, mostCharacters?: number): DocumentText | undefined;
  /** All documents that may be looked at, when together they have no more characters than that. */
  all(mostCharacters: number): DocumentText[] | undefined;
}

export interface DocumentText {
  documentId: number;
  document: string;
  text: string;
  pages: readonly PageStart[];
}

export interface PlanRequest extends Omit<PromptRequest, "sources" | "style"> {
  ability: Ability;
  /** In the order of their rank, those alone that are near enough. */
  hits: readonly Hit[];
  library: Library;
  /** False: passages, also where documents would fit. */
  whole: boolean;
}

type LeftOut = "limit" | "budget" | "control tokens";

export interface Plan {
  messages: Turn[];
  sources: Source[];
  used: "documents" | "passages" | "both" | "none";
  tokens: { context: number; answer: number; prompt: number; sources: number };
  leftOut: { hit: Hit; reason: LeftOut }[];
  /** Messages of the conversation that did not fit. */
  droppedMessages: number;
}

/** The conversation may take this much of what question and instructions leave. */
const HISTORY_SHARE = 0.35;
/** What a template writes around a message. */
const MESSAGE_TOKENS = 8;
/** Of the roomiest writing; a text with more characters than this a token is not even counted. */
const MOST_CHARACTERS_A_TOKEN = 8;

/** Throws Invalid when not even the question fits. */
export async function plan(request: PlanRequest, bench: Bench): Promise<Plan> {
  const { ability } = request;
  const answer = Math.min(bench.answerTokens, Math.floor(bench.contextLength / 2));
  const budget = bench.contextLength - answer - 1;
  const write = (sources: readonly Source[], history: readonly Turn[]) =>
    promptFor({ ...request, style: ability.style, sources: numbered(sources), history });
  const least = await bench.count(write(request.hits.length > 0 ? [EMPTY] : [], []));
  if (least > budget)
    throw new Invalid(
      `the question has too many tokens: with its instructions it takes ${least}, and the context of ${bench.contextLength} leaves ${budget}; shorten it, or raise num_ctx`,
      { code: "context_length_exceeded" },
    );
  const usesHistory = ability.style !== "quotes" || request.hits.length === 0;
  let history = usesHistory
    ? await newest(request.history, (budget - least) * (request.hits.length > 0 ? HISTORY_SHARE : 1), bench)
    : [];
  const room = budget - least - (await tokensOf(history, bench));
  const chosen = await choose(request, bench, room);
  let { sources } = chosen;
  let messages = write(sources, history);
  let prompt = await bench.count(messages);
  // Parts counted one by one may together be a few tokens more.
  while (prompt > budget && sources.length + history.length > 0) {
    if (sources.length > 1 || history.length === 0) {
      const worst = sources.reduce((a, b) => (b.score < a.score ? b : a));
      sources = sources.filter((source) => source !== worst);
      chosen.leftOut.push({ hit: hitOf(worst), reason: "budget" });
    } else history = history.slice(1);
    messages = write(sources, history);
    prompt = await bench.count(messages);
  }
  const final = numbered(sources);
  const bare = await bench.count(write([], history));
  return {
    messages,
    sources: final,
    used: usedOf(final),
    tokens: { context: bench.contextLength, answer, prompt, sources: Math.max(0, prompt - bare) },
    leftOut: chosen.leftOut,
    droppedMessages: request.history.length - history.length,
  };
}

const EMPTY: Source = {
  number: 1,
  document: "",
  documentId: 0,
  headings: [],
  start: 0,
  end: 0,
  text: "",
  whole: false,
  score: 0,
};

async function choose(
  request: PlanRequest,
  bench: Bench,
  room: number,
): Promise<{ sources: Source[]; leftOut: { hit: Hit; reason: LeftOut }[] }> {
  const { ability, hits, question, library } = request;
  const leftOut: { hit: Hit; reason: LeftOut }[] = [];
  if (hits.length === 0) return { sources: [], leftOut };
  const whole = await wholeDocuments(request, bench, Math.floor(room * ability.wholeShare));
  const covered = new Set(whole.map(({ documentId }) => documentId));
  let left = room;
  for (const source of whole) left -= await bench.countText(writtenSource(source, ability.style));
  const taken: Source[] = [];
  for (const hit of hits) {
    if (covered.has(hit.documentId)) continue;
    if (taken.length + whole.length >= ability.passages) {
      leftOut.push({ hit, reason: "limit" });
      continue;
    }
    const { passageTokens } = ability;
    const count = bench.countText;
    const part = passageTokens === undefined ? hit : await excerptOf(hit, { question, tokens: passageTokens, count });
    const source = await harmlessSource(part, bench);
    const tokens = source ? await bench.countText(writtenSource(source, ability.style)) : 0;
    if (!source) leftOut.push({ hit, reason: "control tokens" });
    else if (tokens > left) leftOut.push({ hit, reason: "budget" });
    else {
      left -= tokens;
      taken.push(source);
    }
  }
  const passages = ability.style === "quotes" ? taken : bestLast(taken, library);
  return { sources: [...whole, ...passages], leftOut };
}

/** All documents when they fit, or else the one of the best hit. */
async function wholeDocuments({ whole, hits, library }: PlanRequest, bench: Bench, most: number): Promise<Source[]> {
  if (!whole || most <= 0) return [];
  const fitting = async (documents: readonly DocumentText[] | undefined): Promise<Source[] | undefined> => {
    if (!documents || documents.length === 0) return undefined;
    const sources: Source[] = [];
    let tokens = 0;
    for (const document of documents) {
      const score = Math.max(0, ...hits.filter(({ documentId }) => documentId === document.documentId).map((hit) => hit.score));
      const hit = { ...document, headings: [], start: 0, end: document.text.length, score };
      const source = await harmlessSource(hit, bench);
      if (!source) return undefined;
      sources.push({ ...source, whole: true, pages: document.pages });
      tokens += await bench.countText(writtenSource(source, "sources"));
      if (tokens > most) return undefined;
    }
    return sources;
  };
  const characters = most * MOST_CHARACTERS_A_TOKEN;
  const best = hits[0] && library.document(hits[0].documentId, characters);
  return (await fitting(library.all(characters))) ?? (await fitting(best && [best])) ?? [];
}

/** Undefined when the model would read orders of its own in it, however it is written. */
async function harmlessSource(hit: Hit, bench: Bench): Promise<Source | undefined> {
  const { document, documentId, page, headings, headerRow, start, end, text, score } = hit;
  const source = { number: 0, document, documentId, page, headings, header: headerRow, start, end, text, score, whole: false };
  if (await bench.isPlain(defused(text))) return source;
  const plain = defusedThoroughly(text);
  return (await bench.isPlain(plain)) ? { ...source, plain } : undefined;
}

/** Documents by their best passage, the best last and so next to the question; inside a document in its own order. */
function bestLast(sources: readonly Source[], library: Library): Source[] {
  const groups = new Map<number, Source[]>();
  for (const source of sources) groups.set(source.documentId, [...(groups.get(source.documentId) ?? []), source]);
  const best = (group: readonly Source[]) => Math.max(...group.map(({ score }) => score));
  return [...groups.values()]
    .sort((a, b) => best(a) - best(b))
    .flatMap((group) => {
      const known = library.document(group[0]?.documentId ?? 0);
      return known ? joinTouching(group, known) : [...group].sort((a, b) => a.start - b.start);
    });
}

function numbered(sources: readonly Source[]): Source[] {
  return sources.map((source, i) => ({ ...source, number: i + 1 }));
}

/** The last turns, in whole exchanges, of so many tokens. */
async function newest(history: readonly Turn[], tokens: number, bench: Bench): Promise<Turn[]> {
  let from = history.length;
  let left = tokens;
  while (from > 0) {
    const turn = history[from - 1];
    if (!turn) break;
    left -= (await bench.countText(turn.content)) + MESSAGE_TOKENS;
    if (left < 0) break;
    from--;
  }
  while (from < history.length && history[from]?.role === "assistant") from++;
  return history.slice(from);
}

async function tokensOf(turns: readonly Turn[], bench: Bench): Promise<number> {
  let tokens = 0;
  for (const { content } of turns) tokens += (await bench.countText(content)) + MESSAGE_TOKENS;
  return tokens;
}

function usedOf(sources: readonly Source[]): Plan["used"] {
  const whole = sources.filter((source) => source.whole).length;
  if (sources.length === 0) return "none";
  return whole === 0 ? "passages" : whole === sources.length ? "documents" : "both";
}

function hitOf({ header, ...source }: Source): Hit {
  return { ...source, headerRow: header };
}
