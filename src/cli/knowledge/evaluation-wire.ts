/** The bodies of questions, evaluations and comparisons, as far as the command line reads and sends them. Shares are 0 to 1. */

export type Origin = "hand" | "file" | "sentences" | "model";

export interface GoldenReply {
  document: string;
  /** null: the document has changed or is gone, and the quote was not found elsewhere. */
  document_id: number | null;
  page: number | null;
  start: number;
  end: number;
  quote: string;
}

export interface QuestionReply {
  id: number;
  question: string;
  expects_refusal: boolean;
  place: GoldenReply | null;
  answer: string | null;
  origin: Origin;
}

export interface NewQuestion {
  question: string;
  quote?: string;
  document?: string;
  answer?: string;
  expects_refusal?: true;
}

export interface Misplaced {
  /** From 1. */
  at: number;
  question: string;
  reason: string;
}

export interface AddedReply {
  added: number[];
  /** How many were there already. */
  known: number;
  failed: Misplaced[];
}

export interface MakingReply {
  status: string;
  completed?: number;
  total?: number;
  added?: number[];
  known?: number;
  dropped?: Misplaced[];
}

export interface Recall {
  recall_at_1: number | null;
  recall_at_5: number | null;
  mrr: number | null;
}

interface GatePoint {
  threshold: number;
  answered: number | null;
  refused: number | null;
  /** Of questions searched without the document that answers them. */
  refused_without: number | null;
}

export interface Figures extends Recall {
  answerable: number;
  unanswerable: number;
  faults: number;
  gate: GatePoint;
  curve: GatePoint[];
  best_threshold: number | null;
  answers: {
    asked: number;
    right_refusals: number | null;
    has_answer: number | null;
    cites_place: number | null;
    supported: number | null;
  } | null;
}

export interface Side {
  index: number;
  embedder: string;
  vectors: number;
  passages: number;
  alone: Recall | null;
  hybrid: Recall | null;
  fault: string | null;
}

interface Comparison {
  questions: number;
  words: Recall;
  a: Side;
  b: Side;
  recommendation: { use: string; sentence: string; better: number; worse: number; chance: number | null };
}

export interface EvaluationReply {
  id: number;
  kind: "search" | "compare";
  state: "running" | "done" | "failed" | "canceled";
  reason: string | null;
  settings: { questions: "golden" | "sentences" | "given"; threshold: number; without_document: boolean; answers: boolean };
  subject: {
    documents: number;
    passages: number;
    index: { id: number; embedder: string; digest: string } | null;
    model: { name: string; digest: string } | null;
  };
  questions: number;
  done: number;
  figures: Figures | null;
  comparison: Comparison | null;
  created_at: string;
}

export interface ResultReply {
  question: string;
  place: GoldenReply | null;
  answer: string | null;
  /** From 1; 0: not found. */
  rank: number;
  best: number;
  best_without: number | null;
  first: {
    document: string;
    document_id: number;
    page: number | null;
    start: number;
    end: number;
    score: number;
    text: string;
  } | null;
  reply: {
    text: string;
    refused: boolean;
    right_refusal: boolean;
    has_answer: boolean | null;
    cites_place: boolean | null;
    unsupported: string[];
  } | null;
  fault: string | null;
}

export interface EvaluationBody {
  questions?: string;
  generate?: number;
  threshold?: number;
  index?: number | "words";
  without_document?: boolean;
  answers?: boolean;
  model?: string;
}

export interface DifferenceReply {
  before: EvaluationReply;
  common: number;
  recall_before: Recall;
  recall_now: Recall;
  better: { question: string; before: ResultReply; now: ResultReply }[];
  worse: { question: string; before: ResultReply; now: ResultReply }[];
  chance: number;
}
