/** The bodies of `/puna/knowledge`, as far as the command line reads and sends them. Times are RFC 3339, offsets UTF-16 code units. */

/** What can be set; null takes a setting back. */
export interface BaseSettings {
  embedder?: string | null;
  reranker?: string | null;
  model?: string | null;
  mode?: "chat" | "query" | null;
  refusal?: string | null;
  /** 0 to 100. */
  threshold?: number | null;
  passage_tokens?: number | null;
  most_passage_tokens?: number | null;
}

export interface BaseReply extends BaseSettings {
  id: number;
  name: string;
  /** Under which every client asks it: `kb/notes`. */
  model_name: string;
  documents: number;
  passages: number;
  /** Vectors that are searched, and those that were; null: words alone. */
  live_index: number | null;
  previous_index: number | null;
  created_at: string;
}

export interface DocumentReply {
  id: number;
  name: string;
  title: string;
  /** Every path, URL or name it was found at. */
  places: string[];
  bytes: number;
  language: string | null;
  pages: number | null;
  passages: number;
  /** What could not be read or was left out. */
  notes: string[];
  /** The source's own date. */
  modified_at: string | null;
  added_at: string;
}

export interface DocumentsReply {
  documents: DocumentReply[];
  /** `after` of the next page. */
  next: number | null;
}

export interface TextReply {
  document: DocumentReply;
  text: string;
  blocks: { start: number; end: number; page?: number }[];
}

export interface JobReply {
  id: number;
  state: "waiting" | "running" | "done" | "failed" | "canceled";
  /** Why it failed, or what is to be known about its end. */
  reason: string | null;
  counts: Record<"total" | "waiting" | "done" | "unchanged" | "failed" | "canceled", number>;
  created_at: string;
  finished_at: string | null;
}

export interface ItemReply {
  id: number;
  place: string;
  state: "waiting" | "done" | "unchanged" | "failed" | "canceled";
  /** Why it failed: a sentence, and a word for programs. */
  reason: string | null;
  code: string | null;
  document_id: number | null;
}

/** A line of news of a job. */
export interface JobEvent {
  job: JobReply;
  /** Those that ended since the line before. */
  items: ItemReply[];
  /** While passages are given vectors. */
  vectors?: { done: number; total: number };
}

export interface JobItemsReply {
  job: JobReply;
  items: ItemReply[];
  next: number | null;
}

/** What to add besides files that are sent. */
export type NewItem = { url: string } | { text: string; name?: string };

export interface Filters {
  documents?: number[];
  folder?: string;
  /** Milliseconds since 1970. */
  since?: number;
  until?: number;
  languages?: string[];
}

export interface SearchBody {
  query: string;
  limit?: number;
  filters?: Filters;
}

/** A place in a document; `score` is 0 to 100. */
interface PlaceReply {
  document: string;
  document_id: number;
  page?: number | null;
  headings?: string[];
  start: number;
  end: number;
  score: number;
}

export interface HitReply extends PlaceReply {
  text: string;
}

export interface SearchReply {
  hits: HitReply[];
  best: number;
  threshold: number;
  notices: string[];
  took_ms: number;
}

/** The vectors of one embedder. */
export interface IndexReply {
  id: number;
  embedder: string;
  dimensions: number | null;
  state: "live" | "previous" | "ready" | "building" | "incomplete";
  vectors: number;
  /** Of the base: so many vectors make it complete. */
  passages: number;
  /** Passages that could not be embedded. */
  faults: number;
  created_at: string;
}

/** How a question to `kb/NAME` is to be answered. */
export interface AskWishes {
  model?: string;
  mode?: "chat" | "query";
  /** Places as text at the end of the answer. */
  footer?: boolean;
  filters?: Filters;
}

/** A sentence of an answer, and the place it is from. */
export interface CitationReply {
  number: number;
  document: string;
  document_id: number;
  page?: number | null;
  headings?: string[];
  start: number;
  end: number;
  text: string;
  verbatim: boolean;
  support: number;
}

/** How an answer came about. */
export interface AnswerTrace {
  base: string;
  mode: "chat" | "query";
  model: string;
  /** Before the model was asked, or by what it said. */
  refused?: "score" | "answer";
  /** What came nearest to a question that was refused. */
  misses?: HitReply[];
  unsupported: { start: number; end: number; text: string }[];
  /** What the model was given, with the numbers it had in the prompt. */
  sources: (PlaceReply & { number: number; whole: boolean })[];
  best: number;
  threshold: number;
  notices: string[];
}
