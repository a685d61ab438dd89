/** Waits for imports, with what happens on standard error. */
import { Failed } from "../../errors.ts";
import type { Context } from "../context.ts";
import { Progress } from "../terminal/progress.ts";
import { visible } from "../terminal/visible.ts";
import type { Outcome } from "./outcome.ts";
import type { ItemReply, JobEvent, JobReply } from "./wire.ts";

type Options = { signal?: AbortSignal };

/** Resolves when all have ended. Rejects when the server goes meanwhile, and with Canceled when the signal fires: the imports go on. */
export async function followJobs(
  { client, terminal }: Pick<Context, "client" | "terminal">,
  base: string,
  ids: readonly number[],
  options: Options = {},
): Promise<Outcome> {
  const outcome: Outcome = { jobs: [], failures: [] };
  const progress = new Progress(terminal);
  try {
    for (const id of ids) {
      let last: JobReply | undefined;
      for await (const event of client.knowledge.events(base, id, options)) {
        last = event.job;
        const told = event.items.filter(({ state }) => state !== "canceled");
        outcome.failures.push(...told.filter(({ state }) => state === "failed"));
        progress.spin(String(id), statusOf(event));
        // What failed is told at the end, with its reason.
        if (!terminal.errIsTty)
          for (const { state, place } of told) if (state !== "failed") terminal.err(`${wordFor(state)} ${visible(place)}\n`);
      }
      if (!last || last.state === "waiting" || last.state === "running") {
        throw new Failed(
          `the server left before the import ended: it goes on when it is started again (see 'puna kb jobs ${base}')`,
        );
      }
      outcome.jobs.push(last);
    }
  } finally {
    progress.clear();
  }
  return outcome;
}

function statusOf({ job: { counts }, items, vectors }: JobEvent): string {
  if (vectors && vectors.done < vectors.total) return `embedding ${vectors.done}/${vectors.total} passages`;
  const ended = counts.total - counts.waiting;
  const failed = counts.failed > 0 ? `, ${counts.failed} failed` : "";
  const last = items.at(-1);
  return visible(`reading ${ended}/${counts.total}${failed}${last ? `: ${last.place}` : ""}`);
}

function wordFor(state: ItemReply["state"]): string {
  return state === "done" ? "added" : state;
}
