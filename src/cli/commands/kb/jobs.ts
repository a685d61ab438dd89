/** `puna kb jobs BASE [JOB]`: the imports of a base, or one of them with what failed. */
import type { Context } from "../../context.ts";
import { jobNumber } from "../../knowledge/job-number.ts";
import type { ItemReply, JobReply } from "../../knowledge/wire.ts";
import { humanTime } from "../../terminal/human.ts";
import { table } from "../../terminal/table.ts";
import { visible } from "../../terminal/visible.ts";

type JobsContext = Pick<Context, "client" | "terminal" | "now">;

export async function jobs(
  context: JobsContext,
  base: string,
  word: string | undefined,
  { json }: { json?: boolean },
): Promise<void> {
  const { client, terminal, now } = context;
  if (word !== undefined) return await one(context, base, jobNumber(word), { json });
  const all = await client.knowledge.jobs(base);
  terminal.out(json ? `${JSON.stringify(all)}\n` : listed(all, now()));
  for (const { id, reason } of json ? [] : all) if (reason !== null) terminal.err(`Note: ${id}: ${visible(reason)}\n`);
}

/** With every item that did not end well. */
async function one({ client, terminal, now }: JobsContext, base: string, id: number, { json }: { json?: boolean | undefined }) {
  const job = await client.knowledge.job(base, id);
  const items: ItemReply[] = [];
  for await (const item of client.knowledge.items(base, id)) items.push(item);
  if (json) return terminal.out(`${JSON.stringify({ ...job, items })}\n`);
  terminal.out(listed([job], now()));
  if (job.reason !== null) terminal.out(`\n${visible(job.reason)}\n`);
  const odd = items.filter(({ state }) => state === "failed" || state === "canceled");
  if (odd.length === 0) return;
  const rows = odd.map(({ state, place, reason }) => [state, visible(place), visible(reason ?? "")]);
  terminal.out(`\n${table(["STATE", "PLACE", "REASON"], rows)}`);
}

function listed(jobs: readonly JobReply[], now: Date): string {
  const rows = jobs.map(({ id, state, counts, created_at: at }) => [
    String(id),
    state,
    String(counts.total),
    String(counts.done),
    String(counts.unchanged),
    String(counts.failed),
    humanTime(at, { now, never: "-" }),
  ]);
  return table(["ID", "STATE", "ITEMS", "ADDED", "UNCHANGED", "FAILED", "BEGUN"], rows);
}
