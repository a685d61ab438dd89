/** Evaluations that run beside everything else: each question is one search, and other searches come between. */
import { Canceled, Invalid, messageOf } from "../../errors.ts";
import type { Database } from "../../store/db.ts";
import type { KnowledgeStore } from "../bases.ts";
import { newestDocument } from "../rows/documents.ts";
import {
  ENDED_EARLY,
  type Evaluation,
  type EvaluationEnd,
  type EvaluationSettings,
  evaluationById,
  hasRunningEvaluations,
  listEvaluations,
  listResults,
  type Subject,
} from "../rows/evaluations.ts";
import { countQuestions, listQuestions } from "../rows/questions.ts";
import { DEFAULT_THRESHOLD } from "../search/measure.ts";
import { newWorker } from "../worker.ts";
import { type AskOptions, askQuestions } from "./ask-questions.ts";
import { compareIndexes, type RankedQuestion } from "./compare.ts";
import { figuresOf } from "./figures.ts";
import { findAgain, makeQuestions } from "./questions.ts";
import type { Result } from "./result.ts";
import type { PlacedQuestion, Question } from "./types.ts";

/** Results that are written at a time. */
const BATCH = { searches: 10, answers: 1 };
/** Questions that are made for a comparison of a base that has none of its own. */
const MADE_TO_COMPARE = 60;

export interface EvaluationRequest {
  /** For this once; without them the base's own. */
  questions?: readonly PlacedQuestion[] | undefined;
  /** Made of the base's sentences, for this once. */
  generate?: number | undefined;
  /** In place of the base's. */
  threshold?: number | undefined;
  /** Other vectors than those that are live; `null` for words alone. */
  space?: number | null | undefined;
  withoutDocument?: boolean | undefined;
  /** Answers through a model. */
  answering?: { model: { name: string; digest: string }; reply: NonNullable<AskOptions["reply"]> } | undefined;
}

interface Running {
  stop: AbortController;
  ended: Promise<void>;
}

export class Evaluations {
  readonly #store: KnowledgeStore;
  readonly #database: Database;
  readonly #worker = newWorker();
  readonly #running = new Map<number, Running>();
  /** Of each base: for which documents lost places were sought in vain. */
  readonly #soughtIn = new Map<number, string>();
  #isClosing = false;

  constructor(store: KnowledgeStore, database: Database) {
    this.#store = store;
    this.#database = database;
  }

  /** Golden questions, in the order in which they came. */
  questions(base: number, page: Parameters<typeof listQuestions>[2] = {}): Question[] {
    return listQuestions(this.#database, base, page);
  }

  /** The same, with places found again that were lost since a document changed. */
  async currentQuestions(base: number): Promise<Question[]> {
    const questions = this.questions(base);
    const lost = questions.filter(({ place }) => place && place.documentId === undefined);
    const where = `${newestDocument(this.#database, base)} ${lost.map(({ id }) => id).join(" ")}`;
    if (lost.length === 0 || this.#soughtIn.get(base) === where) return questions;
    await findAgain(this.#store, base, lost);
    const now = this.questions(base);
    const still = now.filter(({ place }) => place && place.documentId === undefined);
    this.#soughtIn.set(base, `${newestDocument(this.#database, base)} ${still.map(({ id }) => id).join(" ")}`);
    return now;
  }

  countQuestions(base: number): number {
    return countQuestions(this.#database, base);
  }

  /** The newest first. */
  list(base: number, limit?: number): Evaluation[] {
    return listEvaluations(this.#database, base, limit);
  }

  /** Throws NotFound. */
  byId(base: number, id: number): Evaluation {
    return evaluationById(this.#database, base, id);
  }

  /** What each question came to: of a search, or of a comparison. */
  results<Kind extends Result | RankedQuestion = Result>(evaluation: number): Kind[] {
    return listResults<Kind>(this.#database, evaluation);
  }

  /** Those that a process before this one left have failed. */
  async resume(): Promise<void> {
    if (hasRunningEvaluations(this.#database)) await this.#store.writer.endGoneEvaluations(this.#worker);
  }

  /** Begins one, which goes on by itself. Throws Invalid without questions, and PunaError 409 while another one of the base is running. */
  async start(base: number, request: EvaluationRequest): Promise<Evaluation> {
    const { settings } = this.#store.byId(base);
    const threshold = request.threshold ?? settings.threshold ?? DEFAULT_THRESHOLD;
    const { questions, from } = await this.#questionsFor(base, request);
    const { space, withoutDocument = true, answering } = request;
    const subject = { ...this.#subject(base, space), model: answering?.model };
    const kept = { questions: from, threshold, withoutDocument, answers: answering !== undefined };
    const started = await this.#begin(base, { kind: "search", settings: kept, subject, questions: questions.length });
    this.#run(started, async (signal) => {
      const notices = new Set<string>();
      const ways = { space, withoutDocument, reply: answering?.reply, onNotice: (one: string) => notices.add(one), signal };
      const batch = answering ? BATCH.answers : BATCH.searches;
      const results = await this.#keep(started.id, askQuestions(this.#store, base, questions, ways), batch);
      return { state: "done", figures: figuresOf(results, threshold), reason: [...notices].join("; ") || undefined };
    });
    return started;
  }

  /** Begins a comparison of two indexes on the base's own questions or, when it has none, on some made of its sentences. */
  async compare(base: number, { a, b }: { a: number; b: number }): Promise<Evaluation> {
    if (a === b) throw new Invalid("an index cannot be compared with itself: name two", { param: "b" });
    for (const space of [a, b])
      if (this.#store.space(space).base !== base) throw new Invalid(`index ${space} is not of this knowledge base`);
    const isGolden = this.questions(base).some(({ place }) => place);
    const { questions, from } = await this.#questionsFor(base, isGolden ? {} : { generate: MADE_TO_COMPARE });
    const placed = questions.filter(({ place }) => place?.documentId !== undefined);
    const { settings } = this.#store.byId(base);
    const threshold = settings.threshold ?? DEFAULT_THRESHOLD;
    const kept = { questions: from, threshold, withoutDocument: false, answers: false };
    const subject = this.#subject(base, undefined);
    const started = await this.#begin(base, { kind: "compare", settings: kept, subject, questions: placed.length });
    this.#run(started, async (signal) => {
      let done = 0;
      const onQuestion = async (ranked: RankedQuestion) => {
        if (!(await this.#store.writer.addResults(started.id, done++, [ranked])))
          throw new Canceled("the comparison was canceled");
      };
      const comparison = await compareIndexes(this.#store, { base, a, b, questions: placed, signal, onQuestion });
      return { state: "done", comparison };
    });
    return started;
  }

  /** Resolves when it has ended, whichever way, if it is run here. */
  async wait(id: number): Promise<void> {
    await this.#running.get(id)?.ended;
  }

  /** Ends one that is running. What it found so far is kept. */
  async cancel(base: number, id: number): Promise<Evaluation> {
    const { state } = this.byId(base, id);
    const running = this.#running.get(id);
    running?.stop.abort();
    await running?.ended;
    // Another process may have it, which ends when it next looks.
    if (state === "running" && !running) await this.#store.writer.finishEvaluation(id, { state: "canceled" });
    return this.byId(base, id);
  }

  async close(): Promise<void> {
    this.#isClosing = true;
    const all = [...this.#running.values()];
    for (const { stop } of all) stop.abort();
    await Promise.all(all.map(({ ended }) => ended));
  }

  async #questionsFor(
    base: number,
    { questions, generate }: Pick<EvaluationRequest, "questions" | "generate">,
  ): Promise<{ questions: readonly PlacedQuestion[]; from: EvaluationSettings["questions"] }> {
    if (questions) {
      if (questions.length === 0) throw new Invalid("there are no questions to ask", { param: "questions" });
      return { questions, from: "given" };
    }
    if (generate !== undefined) {
      const { signal } = new AbortController();
      const { value } = await makeQuestions(this.#store, base, { count: generate, signal }).next();
      return { questions: "questions" in value ? value.questions : [], from: "sentences" };
    }
    const golden = await this.currentQuestions(base);
    if (golden.length > 0) return { questions: golden, from: "golden" };
    throw new Invalid(
      "this knowledge base has no questions to be judged by: add some (puna kb questions NAME add), or have some made of its sentences (puna kb eval NAME --generate 40)",
      { code: "no_questions" },
    );
  }

  #subject(base: number, wanted: number | null | undefined): Subject {
    const { documents, passages, liveSpace } = this.#store.byId(base);
    const space = wanted === undefined ? liveSpace : (wanted ?? undefined);
    if (space === undefined) return { documents, passages, index: undefined };
    const { id, embedder, digest, base: owner } = this.#store.space(space);
    if (owner !== base) throw new Invalid(`index ${space} is not of this knowledge base`, { param: "index" });
    return { documents, passages, index: { id, embedder, digest } };
  }

  async #begin(base: number, wanted: Pick<Evaluation, "kind" | "settings" | "subject" | "questions">): Promise<Evaluation> {
    return await this.#store.writer.startEvaluation({ base, worker: this.#worker, ...wanted });
  }

  #run({ id }: Evaluation, work: (signal: AbortSignal) => Promise<EvaluationEnd>): void {
    const stop = new AbortController();
    const ended = (async () => {
      const end = await work(stop.signal).catch((error: unknown): EvaluationEnd => {
        if (this.#isClosing) return { state: "failed", reason: ENDED_EARLY };
        return stop.signal.aborted ? { state: "canceled" } : { state: "failed", reason: messageOf(error) };
      });
      await this.#store.writer.finishEvaluation(id, end);
    })()
      // The base, and with it the evaluation, may be gone; a full disk leaves it to the next start.
      .catch(() => {})
      .finally(() => this.#running.delete(id));
    this.#running.set(id, { stop, ended });
  }

  async #keep(id: number, results: AsyncIterable<Result>, batch: number): Promise<Result[]> {
    const all: Result[] = [];
    let kept = 0;
    const keep = async () => {
      const isOurs = await this.#store.writer.addResults(id, kept, all.slice(kept));
      kept = all.length;
      return isOurs;
    };
    try {
      for await (const result of results) {
        all.push(result);
        if (all.length - kept >= batch && !(await keep())) throw new Canceled("the evaluation was canceled");
      }
    } finally {
      await keep();
    }
    return all;
  }
}
