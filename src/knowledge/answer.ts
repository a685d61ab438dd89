/**
 * An answer from documents, step by step: search, decide whether there is anything to answer from, give the model what fits, verify what
 * it says. Asks no model itself: that is the caller's part, so that documents are answered on the same path as everything else.
 */
import { Invalid } from "../errors.ts";
import type { Ability } from "./ability.ts";
import type { Cited } from "./cite/citation.ts";
import { Citer } from "./cite.ts";
import { checkedRewriting, joinedWithLast, leansOnHistory, type Rewriting, rewritePrompt } from "./follow-up.ts";
import { missesFooter, sourcesFooter, withoutPlaces } from "./footer.ts";
import { fuseHits } from "./fuse-hits.ts";
import { type Bench, type Library, type Plan, plan } from "./plan.ts";
import { phrasesFor } from "./prompt/phrases.ts";
import type { Mode, Turn } from "./prompt.ts";
import type { SearchResult } from "./search/types.ts";
import type { Hit } from "./sources.ts";

export interface AnswerRequest {
  mode: Mode;
  ability: Ability;
  /** Said before everything else. */
  system: string;
  /** Without system turns; the last is the question. */
  turns: readonly Turn[];
  /** The base's own sentence for what its documents do not say. */
  refusal: string | undefined;
  /** In place of the base's. */
  threshold?: number | undefined;
  /** False: passages, also where whole documents would fit. */
  whole: boolean;
  /** Places as text at the end of the answer. */
  footer: boolean;
  /** The answer has a form that must not be touched, as JSON has. */
  asIs: boolean;
}

export interface Means {
  search(query: string, limit: number): Promise<SearchResult>;
  library: Library;
  /** A short answer of the model, for rewriting. */
  complete?(messages: readonly Turn[]): Promise<string>;
}

/** A passage that was found, and what became of it. */
export interface Considered {
  hit: Hit;
  /** Its number in the prompt, when it is there: alone, as part of a longer one, or in its whole document. */
  number?: number;
  whyNot?: Plan["leftOut"][number]["reason"] | "score";
}

export interface Report {
  mode: Mode;
  question: string;
  /** Every text that was searched. */
  searched: string[];
  rewriting: Rewriting | undefined;
  best: number;
  threshold: number;
  considered: Considered[];
  notices: string[];
  searchMs: number;
  plan: Pick<Plan, "used" | "tokens" | "droppedMessages" | "sources"> | undefined;
  /** By the score, before the model was asked, or by what the model said. */
  refused: "score" | "answer" | undefined;
  cited: Cited;
}

/** Passages whose score is less than this part of the threshold are not shown to the model. */
const FAR_SHARE = 0.5;
/** Found, for each that is used. */
const SPARE = 2;
const NOTHING_CITED: Cited = { citations: [], unsupported: [], repaired: 0, restored: 0, leftOut: 0, refused: false };

/** Searches, and decides. Rejects as `search` does. */
export async function answerFrom(request: AnswerRequest, means: Means): Promise<Answer> {
  const turns = request.turns.map(withoutPlaces);
  const question = turns.at(-1)?.content ?? "";
  const history = turns.slice(0, -1);
  const searched = new Set([question]);
  let rewriting: Rewriting | undefined;
  if (leansOnHistory(question, history)) {
    rewriting = await rewrite(request, means, question, history);
    searched.add(rewriting && "rewritten" in rewriting ? rewriting.rewritten : joinedWithLast(question, history));
  }
  const limit = request.ability.passages * SPARE;
  const results: SearchResult[] = [];
  for (const query of searched) if (query.trim() !== "") results.push(await means.search(query, limit));
  const best = Math.max(0, ...results.map((result) => result.best));
  const threshold = request.threshold ?? results[0]?.threshold ?? 0;
  return new Answer({ ...request, question, history }, means, {
    searched: [...searched],
    rewriting,
    best,
    threshold,
    hits: fuseHits(results.map(({ hits }) => hits)),
    notices: [...new Set(results.flatMap(({ notices }) => notices))],
    searchMs: results.reduce((sum, { legs }) => sum + legs.tookMs, 0),
  });
}

/** A rewriting that fails is no reason to fail: the question is searched as it is. */
async function rewrite(
  { ability }: AnswerRequest,
  { complete }: Means,
  question: string,
  history: readonly Turn[],
): Promise<Rewriting | undefined> {
  if (!ability.rewrites || !complete) return undefined;
  return checkedRewriting(await complete(rewritePrompt(question, history)), question, history);
}

interface Found extends Pick<Report, "searched" | "rewriting" | "best" | "threshold" | "notices" | "searchMs"> {
  hits: Hit[];
}

/** One answer, from what was found to what is reported. */
export class Answer {
  /** The whole answer, when there is nothing to ask a model about. */
  readonly refusal: string | undefined;
  readonly #request: AnswerRequest & { question: string; history: readonly Turn[] };
  readonly #means: Means;
  readonly #found: Found;
  /** Near enough to be shown to the model. */
  readonly #near: Hit[];
  #plan: Plan | undefined;
  #citer: Citer | undefined;
  #refused: Report["refused"];

  constructor(request: AnswerRequest & { question: string; history: readonly Turn[] }, means: Means, found: Found) {
    this.#request = request;
    this.#means = means;
    this.#found = found;
    const { best, threshold, hits } = found;
    const isNear = best >= threshold && hits.length > 0;
    this.#near = isNear ? hits.filter(({ score }) => score >= threshold * FAR_SHARE) : [];
    if (isNear || request.mode === "chat") return;
    this.#refused = "score";
    const phrases = phrasesFor(request.question);
    const misses = missesFooter(hits, phrases.misses(Math.round(best), Math.round(threshold)), phrases);
    this.refusal = this.#sentence + (request.footer ? misses : "");
  }

  get #sentence(): string {
    return this.#request.refusal ?? phrasesFor(this.#request.question).refusal;
  }

  /** What the model is to be asked. Rejects as `plan` does. */
  async messages(bench: Bench): Promise<Turn[]> {
    const request = { ...this.#request, refusal: this.#sentence, hits: this.#near, library: this.#means.library };
    this.#plan = await plan(request, bench);
    const { mode, question, ability, asIs } = this.#request;
    const { sources, messages } = this.#plan;
    if (sources.length > 0) {
      const quotes = ability.style === "quotes" && !asIs;
      this.#citer = new Citer(sources, { question, quotes, strict: mode === "query", asIs });
    } else if (mode === "query") {
      throw new Invalid(
        `no passage fits: the context of ${bench.contextLength} tokens is full of the question and its instructions; raise num_ctx`,
        { code: "context_length_exceeded" },
      );
    }
    return messages;
  }

  /** Takes what the model says; what can be shown of it comes back. */
  push(text: string): string {
    return this.#citer?.push(text) ?? text;
  }

  /** The rest, with the places. */
  end(): string {
    const rest = this.#citer?.end() ?? "";
    const { refused, citations } = this.#citer?.result ?? NOTHING_CITED;
    const { footer, asIs, mode, question } = this.#request;
    const phrases = phrasesFor(question);
    if (refused && mode === "query" && !asIs) {
      this.#refused = "answer";
      return this.#sentence + (footer ? missesFooter(this.#near, phrases.lookedAt, phrases) : "");
    }
    return rest + (footer && !asIs ? sourcesFooter(citations, phrases) : "");
  }

  /** Complete after `end`, or at once when there is a refusal. */
  report(): Report {
    const { hits, ...found } = this.#found;
    const { mode, question } = this.#request;
    return {
      mode,
      question,
      ...found,
      considered: hits.map((hit) => this.#fate(hit)),
      plan: this.#plan,
      refused: this.#refused,
      cited: this.#citer?.result ?? NOTHING_CITED,
    };
  }

  #fate(hit: Hit): Considered {
    if (!this.#near.includes(hit)) return { hit, whyNot: "score" };
    const left = this.#plan?.leftOut.find(({ hit: other }) => other === hit || isSame(other, hit));
    if (left) return { hit, whyNot: left.reason };
    const source = this.#plan?.sources.find(
      ({ documentId, start, end }) => documentId === hit.documentId && start < hit.end && end > hit.start,
    );
    return source ? { hit, number: source.number } : { hit, whyNot: "budget" };
  }
}

function isSame(a: Hit, b: Hit): boolean {
  return a.documentId === b.documentId && a.start === b.start && a.end === b.end;
}
