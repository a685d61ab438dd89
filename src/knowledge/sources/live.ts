/** What a process knows of a source besides what is written down. */
import type { LookResult, Source } from "../rows/sources.ts";
import type { Progress } from "./look.ts";
import type { FolderWatch } from "./watch.ts";

/** Watched folders are looked at this often, since events get lost. */
const WATCHED_MS = 60 * 60_000;
/** After a look that could not be done. */
const FAILED_MS = 5 * 60_000;

export interface SourceState extends Source {
  state: "idle" | "waiting" | "looking";
  progress: Progress | undefined;
  nextAt: number | undefined;
}

export interface Live {
  state: SourceState["state"];
  progress: Progress | undefined;
  result: LookResult | undefined;
  stop: AbortController;
  running: Promise<void> | undefined;
  /** Something changed, or somebody asked, while it was looked at. */
  isWanted: boolean;
  again: boolean;
  watch: FolderWatch | undefined;
  calm: Map<string, string>;
}

export function newLive(): Live {
  return {
    state: "idle",
    progress: undefined,
    result: undefined,
    stop: new AbortController(),
    running: undefined,
    isWanted: false,
    again: false,
    watch: undefined,
    calm: new Map(),
  };
}

export function stateOf(source: Source, live: Live | undefined): SourceState {
  const result = live?.result ?? source.result;
  return {
    ...source,
    lookedAt: result?.at ?? source.lookedAt,
    result,
    state: live?.state ?? "idle",
    progress: live?.progress,
    nextAt: nextLook(source, live),
  };
}

export function isWatched({ kind, options }: Source): boolean {
  return kind === "folder" && options.watch === true;
}

/** Undefined: only when somebody asks. What was never looked at to the end is due. */
export function nextLook(source: Source, live: Live | undefined): number | undefined {
  const last = live?.result ?? source.result;
  if (last === undefined) return source.createdAt;
  const every = source.everyMs ?? (isWatched(source) ? WATCHED_MS : undefined);
  if (every === undefined) return undefined;
  return last.at + (last.error === undefined ? every : Math.min(every, FAILED_MS));
}
