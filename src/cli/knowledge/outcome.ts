/** What became of imports, in words and in the exit code. */
import { Failed } from "../../errors.ts";
import type { Terminal } from "../terminal/terminal.ts";
import { visible } from "../terminal/visible.ts";
import type { JobReply } from "./wire.ts";

/** More reasons than these are in `puna kb jobs`. */
const MOST_REASONS = 20;

export interface Failure {
  place: string;
  reason: string | null;
  code: string | null;
}

export interface Outcome {
  jobs: JobReply[];
  failures: Failure[];
  /** Of the failures, those that did not reach the server. */
  unsent?: number;
}

/** Prints a summary, and each failure with its reason. Throws Failed when something failed; the rest stays in. */
export function concludeImport(
  { jobs, failures, unsent = 0 }: Outcome,
  { base, json }: { base: string; json?: boolean | undefined },
  terminal: Terminal,
): void {
  const sum = (state: "total" | "done" | "unchanged" | "failed" | "canceled") =>
    jobs.reduce((total, { counts }) => total + counts[state], 0);
  const [added, unchanged, failed, canceled] = [sum("done"), sum("unchanged"), sum("failed") + unsent, sum("canceled")];
  const reasons = jobs.flatMap(({ reason }) => reason ?? []);
  if (json) {
    const told = failures.map(({ place, reason, code }) => ({ place, reason, code }));
    terminal.out(`${JSON.stringify({ jobs: jobs.map(({ id }) => id), added, unchanged, failed, canceled, failures: told })}\n`);
  } else {
    const parts = [
      `${added} added`,
      ...(unchanged > 0 ? [`${unchanged} unchanged`] : []),
      ...(failed > 0 ? [`${failed} failed`] : []),
      ...(canceled > 0 ? [`${canceled} canceled`] : []),
    ];
    for (const { place, reason } of failures.slice(0, MOST_REASONS)) terminal.err(`  failed ${visible(told(place, reason))}\n`);
    if (failures.length > MOST_REASONS)
      terminal.err(`  and ${failures.length - MOST_REASONS} more (see 'puna kb jobs ${base}')\n`);
    terminal.out(`${parts.join(", ")}\n`);
  }
  for (const reason of reasons) terminal.err(`Note: ${visible(reason)}\n`);
  if (failed > 0) {
    const remedy = failed > unsent ? ` ('puna kb retry ${base}' tries again)` : "";
    throw new Failed(
      `${failed} of ${sum("total") + unsent} could not be added${added + unchanged > 0 ? "; the rest is in" : ""}${remedy}`,
    );
  }
  const broken = jobs.find(({ state }) => state === "failed");
  if (broken) throw new Failed(`import ${broken.id} stopped before its end ('puna kb retry ${base}' goes on with it)`);
}

function told(place: string, reason: string | null): string {
  return reason === null ? place : `${place}: ${reason}`;
}
