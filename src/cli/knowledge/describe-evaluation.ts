/** An evaluation as a person reads it: figures, and the questions that went wrong. */
import { table } from "../terminal/table.ts";
import { visible } from "../terminal/visible.ts";
import type { EvaluationReply, Figures, GoldenReply, ResultReply } from "./evaluation-wire.ts";

/** The place of an answer must be among so many hits. */
const DEEP_ENOUGH = 5;
const LONGEST_TEXT = 160;

const SOURCES = { golden: "its own questions", sentences: "questions made of its sentences", given: "the questions given" };

export function describeEvaluation(base: string, evaluation: EvaluationReply, figures: Figures): string {
  const { settings, subject, questions } = evaluation;
  const index = subject.index ? `words and ${subject.index.embedder}` : "words alone";
  const head = `${base}: ${SOURCES[settings.questions]} (${questions}), ${subject.documents} documents, ${subject.passages} passages, ${index}\n\n`;
  const { gate, answers, best_threshold: bestThreshold } = figures;
  const of = (count: number, what: string) => `of ${count} ${what}`;
  const answerable = of(figures.answerable, "that the documents answer");
  const rows: [string, number | null, string][] = [
    ["first hit", figures.recall_at_1, answerable],
    ["first five", figures.recall_at_5, answerable],
    ["MRR", figures.mrr, "mean of 1 / rank"],
    ["answered", gate.answered, `${answerable}, at threshold ${gate.threshold}`],
    ["refused", gate.refused, of(figures.unanswerable, "that they do not answer")],
    ["refused without", gate.refused_without, "the same questions, searched without their document"],
  ];
  if (answers) {
    rows.push(
      ["answers: refusal", answers.right_refusals, of(answers.asked, `answers of ${subject.model?.name ?? "the model"}`)],
      ["answers: right", answers.has_answer, "has the golden words"],
      ["answers: cited", answers.cites_place, "cites the golden place"],
      ["answers: supported", answers.supported, "every sentence has a source"],
    );
  }
  const known = rows.flatMap(([name, value, meaning]) => (value === null ? [] : [[name, value.toFixed(3), meaning]]));
  const hint =
    bestThreshold === null || bestThreshold === gate.threshold || gapOf(figures, bestThreshold) < 0.02
      ? ""
      : `\nA threshold of ${bestThreshold} would serve these questions better.\n`;
  return head + table(["MEASURE", "SHARE", ""], known) + hint;
}

/** How much another threshold would gain, in shares. */
function gapOf({ gate, curve }: Figures, threshold: number): number {
  const sum = (point: Figures["gate"] | undefined) => (point?.answered ?? 0) + (point?.refused ?? point?.refused_without ?? 0);
  return sum(curve.find((point) => point.threshold === threshold)) - sum(gate);
}

interface Miss {
  result: ResultReply;
  why: string;
}

/** Questions that went wrong, the worst first: failed, not found, refused or answered where they should not be. */
export function missesOf(results: readonly ResultReply[], threshold: number): Miss[] {
  const misses = results.flatMap((result): (Miss & { weight: number })[] => {
    const { place, rank, best, reply, fault } = result;
    if (fault !== null) return [{ result, why: fault, weight: 4 }];
    if (place && rank === 0) return [{ result, why: "not found", weight: 3 }];
    if (place && rank > DEEP_ENOUGH) return [{ result, why: `found at place ${rank}`, weight: 2 }];
    if (!place && best >= threshold && !reply?.refused) return [{ result, why: "should be refused", weight: 2 }];
    if (place && best < threshold) return [{ result, why: "refused, though it is there", weight: 2 }];
    if (place && reply?.refused) return [{ result, why: "the model refused, though it is there", weight: 1 }];
    if (reply?.has_answer === false) return [{ result, why: "the answer lacks the golden words", weight: 1 }];
    return [];
  });
  return misses.sort((a, b) => b.weight - a.weight);
}

export function describeMisses(misses: readonly Miss[], most: number): string {
  if (misses.length === 0) return "\nNo question went wrong.\n";
  const shown = misses.slice(0, most).map(({ result, why }) => {
    const { question, place, first, reply } = result;
    const lines = [`- ${short(question)}: ${short(why)}`];
    lines.push(place ? `    expected  ${placeOf(place)}: ${quoted(place.quote)}` : "    expected  a refusal");
    if (first) lines.push(`    first     ${placeOf(first)}, score ${Math.round(first.score)}: ${quoted(first.text)}`);
    if (reply && !reply.refused) lines.push(`    answer    ${quoted(reply.text)}`);
    return `${lines.join("\n")}\n`;
  });
  const rest = misses.length - shown.length;
  const more = rest > 0 ? `  and ${rest} more (--misses ${misses.length} shows all)\n` : "";
  return `\nMisses: ${misses.length}\n${shown.join("")}${more}`;
}

export function placeOf({ document, page, start, end }: Pick<GoldenReply, "document" | "page" | "start" | "end">): string {
  return short(`${document}${page === null ? "" : `, page ${page}`} (${start}-${end})`);
}

export function quoted(text: string): string {
  return `“${short(text)}”`;
}

/** On one line. */
function short(text: string): string {
  const line = visible(text.replace(/\s+/g, " ").trim());
  return line.length > LONGEST_TEXT ? `${line.slice(0, LONGEST_TEXT)}…` : line;
}
