/** Changes to the questions of bases and to their evaluations. */
import type { Database } from "../../store/db.ts";
import * as evaluations from "../rows/evaluations.ts";
import { insertQuestions, movePlace, removeQuestion, removeQuestions } from "../rows/questions.ts";
import { isGone } from "../worker.ts";
import type { RankedQuestion } from "./compare.ts";
import type { Result } from "./result.ts";
import type { GoldenPlace, Origin, PlacedQuestion } from "./types.ts";

export class EvaluationWriter {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  keepQuestions(base: number, questions: readonly PlacedQuestion[], origin: Origin): { added: number[]; known: number } {
    return this.#database.transaction(() => insertQuestions(this.#database, base, questions, origin));
  }

  movePlaces(moved: readonly { id: number; place: GoldenPlace }[]): void {
    this.#database.transaction(() => {
      for (const { id, place } of moved) movePlace(this.#database, id, place);
    });
  }

  removeQuestion(base: number, id: number): void {
    removeQuestion(this.#database, base, id);
  }

  removeQuestions(base: number, origin: Origin | undefined): number {
    return removeQuestions(this.#database, base, origin);
  }

  startEvaluation(wanted: evaluations.NewEvaluation): evaluations.Evaluation {
    return evaluations.startEvaluation(this.#database, wanted);
  }

  addResults(evaluation: number, first: number, results: readonly (Result | RankedQuestion)[]): boolean {
    return evaluations.addResults(this.#database, evaluation, first, results);
  }

  finishEvaluation(id: number, end: evaluations.EvaluationEnd): void {
    evaluations.finishEvaluation(this.#database, id, end);
  }

  endGoneEvaluations(self: string): void {
    evaluations.endGoneEvaluations(this.#database, (worker) => isGone(worker, self));
  }

  removeEvaluation(base: number, id: number): void {
    evaluations.removeEvaluation(this.#database, base, id);
  }
}
