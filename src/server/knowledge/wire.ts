/** What an answer from documents says besides its text, as fields for the top of the answer in every dialect. */
import type { Report } from "../../knowledge/answer.ts";
import type { Citation } from "../../knowledge/cite/citation.ts";
import type { AskedBase } from "./asked.ts";

/** Passages that came nearest to a question that was refused. */
const MOST_MISSES = 3;

export function knowledgeFields(report: Report, { base }: AskedBase, model: string): Record<string, unknown> {
  const { cited, plan, rewriting, refused } = report;
  return {
    citations: refused ? [] : cited.citations.map(wireCitation),
    knowledge: {
      base: base.name,
      mode: report.mode,
      model,
      ...(refused && {
        refused,
        misses: report.considered.slice(0, MOST_MISSES).map(({ hit }) => ({ ...place(hit), text: hit.text })),
      }),
      unsupported: refused ? [] : cited.unsupported,
      repaired: cited.repaired,
      restored: cited.restored,
      question: report.question,
      searched: report.searched,
      ...(rewriting && { rewriting }),
      best: report.best,
      threshold: report.threshold,
      used: plan?.used ?? "none",
      passages: report.considered.map(({ hit, number, whyNot }) => ({
        ...place(hit),
        ...(number !== undefined && { number }),
        ...(whyNot && { left_out: whyNot }),
      })),
      sources: (plan?.sources ?? []).map(({ number, whole, ...source }) => ({ number, ...place(source), whole })),
      ...(plan && { tokens: plan.tokens, dropped_messages: plan.droppedMessages }),
      notices: report.notices,
      search_ms: Math.round(report.searchMs * 10) / 10,
    },
  };
}

function place(at: {
  document: string;
  documentId: number;
  page?: number | undefined;
  start: number;
  end: number;
  headings: readonly string[];
  score: number;
}) {
  return {
    document: at.document,
    document_id: at.documentId,
    ...(at.page !== undefined && { page: at.page }),
    start: at.start,
    end: at.end,
    ...(at.headings.length > 0 && { headings: at.headings }),
    score: at.score,
  };
}

function wireCitation({ documentId, answerStart, answerEnd, ...citation }: Citation): object {
  return { ...citation, document_id: documentId, answer_start: answerStart, answer_end: answerEnd };
}
