/** What the bench says to a process that has a knowledge base, and what it hears. One order, one answer. */

export type Order =
  /** Imports documents `from` to `to` of the corpus, which lie in `folder`, into a new base. */
  | { do: "import"; home: string; folder: string; from: number; to: number; embedder: boolean }
  /** Asks a question about each of these documents of the corpus, the `nth`. */
  | { do: "search"; home: string; documents: readonly number[]; nth: number }
  /** Looks at a folder: the first time all of it is imported. */
  | { do: "look"; home: string; folder: string };

export interface Imported {
  passages: number;
  documents: number;
  failed: number;
  seconds: number;
}

export interface Searched {
  /** One for each question, in milliseconds. */
  tookMs: number[];
  /** CPU time of the process for all of them, in milliseconds. */
  cpuMs: number;
  hits: number;
  residentBytes: number;
}

export interface Looked {
  seconds: number;
  /** CPU time of the process, in milliseconds. */
  cpuMs: number;
  unchanged: number;
  /** Whether the database is another than before. */
  isWritten: boolean;
}

export type Answer = { looked: Looked } | { imported: Imported } | { searched: Searched } | { error: string };
