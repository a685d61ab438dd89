/** The figures of an evaluation. Shares are 0 to 1, and `undefined` where there is nothing to count. */
import type { Result } from "./result.ts";

export interface Recall {
  /** Share of the questions whose answer is in the first hit, and in one of the first five. */
  at1: number | undefined;
  at5: number | undefined;
  /** The mean of 1 / rank. */
  mrr: number | undefined;
}

export interface GatePoint {
  threshold: number;
  /** Of the questions that the documents answer: those whose best score reaches the threshold. */
  answered: number | undefined;
  /** Of the questions that they do not: those whose best score stays below. */
  refused: number | undefined;
  /** Of the questions that they answer, searched without the document that does: those that stay below. */
  refusedWithout: number | undefined;
}

interface AnswerFigures {
  asked: number;
  /** Refused where that was expected, and only there. */
  rightRefusals: number | undefined;
  hasAnswer: number | undefined;
  citesPlace: number | undefined;
  /** Answers in which every sentence has a source. */
  supported: number | undefined;
}

export interface Figures extends Recall {
  answerable: number;
  unanswerable: number;
  /** Questions that failed; they count in nothing else. */
  faults: number;
  gate: GatePoint;
  curve: GatePoint[];
  /** Where the two shares together are highest; `undefined` without both. */
  bestThreshold: number | undefined;
  answers: AnswerFigures | undefined;
}

const STEP = 5;

export function figuresOf(results: readonly Result[], threshold: number): Figures {
  const whole = results.filter(({ fault }) => fault === undefined);
  const answerable = whole.filter(({ expected }) => expected);
  const curve = Array.from({ length: 100 / STEP + 1 }, (_, i) => gateAt(whole, i * STEP));
  return {
    answerable: answerable.length,
    unanswerable: whole.length - answerable.length,
    faults: results.length - whole.length,
    ...recallOf(answerable.map(({ rank }) => rank)),
    gate: gateAt(whole, threshold),
    curve,
    bestThreshold: bestOf(curve, threshold),
    answers: answersOf(whole),
  };
}

/** Ranks from 1, 0 for what was not found. */
export function recallOf(ranks: readonly number[]): Recall {
  const within = (k: number) => share(ranks, (rank) => rank > 0 && rank <= k);
  return {
    at1: within(1),
    at5: within(5),
    mrr: ranks.length === 0 ? undefined : ranks.reduce((sum, rank) => sum + (rank > 0 ? 1 / rank : 0), 0) / ranks.length,
  };
}

function gateAt(results: readonly Result[], threshold: number): GatePoint {
  const answerable = results.filter(({ expected }) => expected);
  const without = answerable.flatMap(({ bestWithout }) => bestWithout ?? []);
  return {
    threshold,
    answered: share(answerable, ({ best }) => best >= threshold),
    refused: share(
      results.filter(({ expected }) => !expected),
      ({ best }) => best < threshold,
    ),
    refusedWithout: share(without, (best) => best < threshold),
  };
}

/** Of equals the one nearest to what is set. */
function bestOf(curve: readonly GatePoint[], set: number): number | undefined {
  const rated = curve.flatMap(({ threshold, answered, refused, refusedWithout }) => {
    const silent = refused ?? refusedWithout;
    return answered === undefined || silent === undefined ? [] : [{ threshold, sum: answered + silent }];
  });
  rated.sort((a, b) => b.sum - a.sum || Math.abs(a.threshold - set) - Math.abs(b.threshold - set));
  return rated[0]?.threshold;
}

function answersOf(results: readonly Result[]): AnswerFigures | undefined {
  const replies = results.flatMap(({ reply }) => reply ?? []);
  if (replies.length === 0) return undefined;
  const told = <T>(values: readonly (T | undefined)[]) => values.filter((value) => value !== undefined);
  return {
    asked: replies.length,
    rightRefusals: share(replies, ({ isRefusalRight }) => isRefusalRight),
    hasAnswer: share(told(replies.map(({ hasAnswer }) => hasAnswer)), Boolean),
    citesPlace: share(told(replies.map(({ citesPlace }) => citesPlace)), Boolean),
    supported: share(
      replies.filter(({ refused }) => !refused),
      ({ unsupported }) => unsupported.length === 0,
    ),
  };
}

function share<T>(values: readonly T[], holds: (value: T) => boolean): number | undefined {
  return values.length === 0 ? undefined : values.filter(holds).length / values.length;
}
