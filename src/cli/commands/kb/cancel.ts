/** `puna kb cancel BASE [JOB]`: ends imports. */
import type { Context } from "../../context.ts";
import { jobNumber } from "../../knowledge/job-number.ts";

/** What was read stays. */
export async function cancel(
  { client, terminal }: Pick<Context, "client" | "terminal">,
  base: string,
  word: string | undefined,
): Promise<void> {
  const goesOn = async () =>
    (await client.knowledge.jobs(base)).filter(({ state }) => state === "waiting" || state === "running").map(({ id }) => id);
  const ids = word === undefined ? await goesOn() : [jobNumber(word)];
  if (ids.length === 0) return terminal.out("there is nothing to cancel\n");
  for (const id of ids) {
    const { job } = await client.knowledge.cancel(base, id);
    terminal.out(`${job.state} ${id}: ${job.counts.done + job.counts.unchanged} of ${job.counts.total} were read\n`);
  }
}
