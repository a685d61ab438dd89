/** Evaluations in the database: how they were asked, of what, and what they found. */
import { NotFound, PunaError } from "../../errors.ts";
import type { Database } from "../../store/db.ts";
import type { Comparison, RankedQuestion } from "../evaluate/compare.ts";
import type { Figures } from "../evaluate/figures.ts";
import type { Result } from "../evaluate/result.ts";

type EvaluationState = "running" | "done" | "failed" | "canceled";

export interface EvaluationSettings {
  /** Where the questions are from: the base's own, made for this once of its sentences, or given. */
  questions: "golden" | "sentences" | "given";
  threshold: number;
  withoutDocument: boolean;
  /** Whether answers were asked for, and of which model. */
  answers: boolean;
}

/** What was evaluated. */
export interface Subject {
  documents: number;
  passages: number;
  /** The vectors that were searched; `undefined`: words alone. */
  index: { id: number; embedder: string; digest: string } | undefined;
  /** The model that answered. */
  model?: { name: string; digest: string } | undefined;
}

export interface Evaluation {
  id: number;
  base: number;
  kind: "search" | "compare";
  state: EvaluationState;
  /** Of a failure; of another end, what is to be known about it. */
  reason: string | undefined;
  worker: string | undefined;
  settings: EvaluationSettings;
  subject: Subject;
  questions: number;
  /** Questions that have a result. */
  done: number;
  figures: Figures | undefined;
  comparison: Comparison | undefined;
  createdAt: number;
  finishedAt: number | undefined;
}

export type NewEvaluation = Pick<Evaluation, "base" | "kind" | "settings" | "subject" | "questions"> & { worker: string };

export const ENDED_EARLY = "the server ended before the evaluation did";

const SELECT = "SELECT e.*, (SELECT count(*) FROM kb_results r WHERE r.evaluation = e.id) AS done FROM kb_evaluations e";

/** Throws PunaError 409 while another one of the base is running. */
export function startEvaluation(
  database: Database,
  { base, kind, settings, subject, questions, worker }: NewEvaluation,
): Evaluation {
  return database.transaction(() => {
    const running = database.statement("SELECT id FROM kb_evaluations WHERE base = ? AND state = 'running'").get(base);
    if (running)
      throw new PunaError(409, `evaluation ${running.id} of this knowledge base is running: wait for its end, or cancel it`);
    const { lastInsertRowid } = database
      .statement(
        `INSERT INTO kb_evaluations (base, kind, state, worker, settings, subject, questions, created_at)
         VALUES (?, ?, 'running', ?, ?, ?, ?, ?)`,
      )
      .run(base, kind, worker, JSON.stringify(settings), JSON.stringify(subject), questions, Date.now());
    return evaluationById(database, base, Number(lastInsertRowid));
  });
}

/** `false` when the evaluation is not running any more: it was canceled, or is gone with its base. */
export function addResults(
  database: Database,
  evaluation: number,
  first: number,
  results: readonly (Result | RankedQuestion)[],
): boolean {
  return database.transaction(() => {
    if (!database.statement("SELECT 1 FROM kb_evaluations WHERE id = ? AND state = 'running'").get(evaluation)) return false;
    const insert = database.statement("INSERT INTO kb_results (evaluation, seq, result) VALUES (?, ?, ?)");
    for (const [i, result] of results.entries()) insert.run(evaluation, first + i, JSON.stringify(result));
    return true;
  });
}

export interface EvaluationEnd {
  state: EvaluationState;
  reason?: string | undefined;
  figures?: Figures | undefined;
  comparison?: Comparison | undefined;
}

export function finishEvaluation(database: Database, id: number, { state, reason, figures, comparison }: EvaluationEnd): void {
  database
    .statement(
      "UPDATE kb_evaluations SET state = ?, reason = ?, figures = ?, finished_at = ?, worker = NULL WHERE id = ? AND state = 'running'",
    )
    .run(state, reason ?? null, figures || comparison ? JSON.stringify({ figures, comparison }) : null, Date.now(), id);
}

export function hasRunningEvaluations(database: Database): boolean {
  return database.statement("SELECT 1 FROM kb_evaluations WHERE state = 'running' LIMIT 1").get() !== undefined;
}

/** Those of processes that are gone have failed. */
export function endGoneEvaluations(database: Database, isGone: (worker: string) => boolean): void {
  const rows = database.statement("SELECT id, worker FROM kb_evaluations WHERE state = 'running'").all();
  for (const { id, worker } of rows) {
    if (isGone(String(worker))) finishEvaluation(database, Number(id), { state: "failed", reason: ENDED_EARLY });
  }
}

/** Throws NotFound. */
export function removeEvaluation(database: Database, base: number, id: number): void {
  evaluationById(database, base, id);
  database.statement("DELETE FROM kb_evaluations WHERE id = ?").run(id);
}

/** The newest first. */
export function listEvaluations(database: Database, base: number, limit = 50): Evaluation[] {
  return database.statement(`${SELECT} WHERE e.base = ? ORDER BY e.id DESC LIMIT ?`).all(base, limit).map(fromRow);
}

/** Throws NotFound. */
export function evaluationById(database: Database, base: number, id: number): Evaluation {
  const row = database.statement(`${SELECT} WHERE e.base = ? AND e.id = ?`).get(base, id);
  if (!row) throw new NotFound(`there is no evaluation ${id} of this knowledge base`);
  return fromRow(row);
}

/** Of a search, or of a comparison. */
export function listResults<Kind extends Result | RankedQuestion>(database: Database, evaluation: number): Kind[] {
  const rows = database.statement("SELECT result FROM kb_results WHERE evaluation = ? ORDER BY seq").all(evaluation);
  return rows.map(({ result }) => JSON.parse(String(result)) as Kind);
}

function fromRow(row: Record<string, unknown>): Evaluation {
  const found = row.figures === null ? {} : (JSON.parse(String(row.figures)) as Pick<EvaluationEnd, "figures" | "comparison">);
  return {
    id: Number(row.id),
    base: Number(row.base),
    kind: String(row.kind) as Evaluation["kind"],
    state: String(row.state) as EvaluationState,
    reason: row.reason === null ? undefined : String(row.reason),
    worker: row.worker === null ? undefined : String(row.worker),
    settings: JSON.parse(String(row.settings)) as EvaluationSettings,
    subject: JSON.parse(String(row.subject)) as Subject,
    questions: Number(row.questions),
    done: Number(row.done),
    figures: found.figures,
    comparison: found.comparison,
    createdAt: Number(row.created_at),
    finishedAt: row.finished_at === null ? undefined : Number(row.finished_at),
  };
}
