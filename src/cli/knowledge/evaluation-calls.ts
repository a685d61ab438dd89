/** The typed calls about questions, evaluations and comparisons of a base. */
import { accepted, answered, streamed, text } from "../exchange.ts";
import type { Exchange, Send } from "../transport.ts";
import type {
  AddedReply,
  DifferenceReply,
  EvaluationBody,
  EvaluationReply,
  MakingReply,
  Misplaced,
  NewQuestion,
  Origin,
  QuestionReply,
  ResultReply,
} from "./evaluation-wire.ts";
import { at } from "./path.ts";

type Options = { signal?: AbortSignal };

const PAGE = 500;

export function evaluationCalls(send: Send) {
  const call = <Answer>(exchange: Exchange) => answered<Answer>(exchange, send);
  const get = <Answer>(path: string) => call<Answer>({ method: "GET", path });
  const post = <Answer>(path: string, body: object, { signal }: Options = {}) =>
    call<Answer>({ method: "POST", path, body: JSON.stringify(body), signal });
  return {
    /** All of them, page by page. */
    async *questions(base: string, origin?: Origin): AsyncGenerator<QuestionReply> {
      for (let after: number | null = 0; after !== null; ) {
        const only = origin === undefined ? "" : `&origin=${origin}`;
        const page: { questions: QuestionReply[]; next: number | null } = await get(
          `${at(base, "questions")}?limit=${PAGE}&after=${after}${only}`,
        );
        yield* page.questions;
        after = page.next;
      }
    },
    addQuestion: (base: string, question: NewQuestion) => post<AddedReply>(at(base, "questions"), question),
    /** `file` is what a file of questions holds. */
    importQuestions: (base: string, file: string) =>
      call<AddedReply>({ method: "POST", path: at(base, "questions"), body: file }),
    async exportQuestions(base: string, format: "jsonl" | "csv"): Promise<string> {
      return await text(await accepted({ method: "GET", path: `${at(base, "questions", "export")}?format=${format}` }, send));
    },
    removeQuestion: (base: string, question: number) => call<void>({ method: "DELETE", path: at(base, "questions", question) }),
    /** All of one origin. */
    removeQuestions: (base: string, origin: Origin) =>
      call<{ removed: number }>({ method: "DELETE", path: `${at(base, "questions")}?origin=${origin}` }),
    makeQuestions: (base: string, body: { count?: number; model?: string }, { signal }: Options = {}) =>
      streamed<MakingReply>(
        { method: "POST", path: at(base, "questions", "generate"), body: JSON.stringify(body), signal },
        send,
      ),
    evaluate: (base: string, body: EvaluationBody) =>
      post<{ evaluation: EvaluationReply; failed: Misplaced[] }>(at(base, "evaluations"), body),
    async evaluations(base: string): Promise<EvaluationReply[]> {
      return (await get<{ evaluations: EvaluationReply[] }>(at(base, "evaluations"))).evaluations;
    },
    evaluation: (base: string, id: number) =>
      get<{ evaluation: EvaluationReply; results: ResultReply[] }>(at(base, "evaluations", id)),
    evaluationEvents: (base: string, id: number, { signal }: Options = {}) =>
      streamed<{ evaluation: EvaluationReply }>({ method: "GET", path: at(base, "evaluations", id, "events"), signal }, send),
    cancelEvaluation: (base: string, id: number) => call<void>({ method: "DELETE", path: at(base, "evaluations", id) }),
    /** Since the one before, or since another. */
    difference: (base: string, id: number, from?: number) =>
      get<DifferenceReply>(`${at(base, "evaluations", id, "difference")}${from === undefined ? "" : `?from=${from}`}`),
    /** Begins it; its evaluation holds the result in the end. */
    compareIndexes: (base: string, a: string, b: string) =>
      post<{ evaluation: EvaluationReply }>(at(base, "compare"), { a, b, wait: false }),
  };
}
