/** The bodies about sources of a base, as far as the command line reads and sends them. */

type SourceKind = "folder" | "site" | "url" | "git";

interface SourceOptions {
  watch?: boolean;
  depth?: number;
  pages?: number;
  prefix?: string;
  sitemap?: boolean | string;
  selector?: string;
  branch?: string;
  folder?: string;
}

export interface NewSource extends SourceOptions {
  kind: SourceKind;
  location: string;
  every?: string;
}

export interface LookReply {
  at: string;
  added: number;
  changed: number;
  removed: number;
  unchanged: number;
  failed: number;
  /** The first hundred. */
  changes: { place: string; change: "added" | "changed" | "removed" | "failed"; reason: string | null }[];
  /** Why there was no look at all. */
  error: string | null;
}

export interface SourceReply {
  id: number;
  kind: SourceKind;
  location: string;
  every: string | null;
  options: SourceOptions;
  state: "idle" | "waiting" | "looking";
  progress: { seen: number; jobs: number[] } | null;
  looked_at: string | null;
  next_at: string | null;
  result: LookReply | null;
}
