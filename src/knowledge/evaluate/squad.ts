/** SQuAD's form: articles of paragraphs, each with questions whose answers are places in it. */
import { questionOf } from "./question-fields.ts";
import type { ReadQuestion } from "./read-questions.ts";

export function isSquad(value: unknown): value is { data: unknown[] } {
  return typeof value === "object" && value !== null && Array.isArray((value as { data?: unknown }).data);
}

export function questionsOfSquad({ data }: { data: unknown[] }): ReadQuestion[] {
  return list(data).flatMap((article) =>
    list(article.paragraphs).flatMap(({ context, qas }) =>
      list(qas).map((qa) => {
        const answers = Array.isArray(qa.answers) && qa.answers.length > 0 ? qa.answers : undefined;
        return questionOf({ question: qa.question, context, answers, is_impossible: qa.is_impossible ?? !answers });
      }),
    ),
  );
}

function list(value: unknown): Record<string, unknown>[] {
  return Array.isArray(value)
    ? value.filter((one): one is Record<string, unknown> => typeof one === "object" && one !== null)
    : [];
}
