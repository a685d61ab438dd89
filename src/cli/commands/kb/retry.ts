/** `puna kb retry BASE [JOB]`: tries again what failed in an import. */
import type { Context } from "../../context.ts";
import { followJobs } from "../../knowledge/follow-jobs.ts";
import { jobNumber } from "../../knowledge/job-number.ts";
import { concludeImport } from "../../knowledge/outcome.ts";

export interface RetryFlags {
  wait: boolean;
  json?: boolean;
}

/** Waits, unless told not to. Throws Failed when something failed again. */
export async function retry(
  context: Pick<Context, "client" | "terminal">,
  base: string,
  word: string | undefined,
  { wait, json }: RetryFlags,
): Promise<void> {
  const { client, terminal } = context;
  const id = word === undefined ? await lastWithFailures(context, base) : jobNumber(word);
  if (id === undefined) return terminal.out("nothing has failed\n");
  const { job } = await client.knowledge.retry(base, id);
  if (!wait) return terminal.out(json ? `${JSON.stringify({ jobs: [job.id] })}\n` : `import ${job.id} goes on\n`);
  concludeImport(await followJobs(context, base, [job.id]), { base, json }, terminal);
}

async function lastWithFailures({ client }: Pick<Context, "client">, base: string): Promise<number | undefined> {
  const jobs = await client.knowledge.jobs(base);
  return jobs.find(({ state, counts }) => state === "failed" || counts.failed > 0 || counts.canceled > 0)?.id;
}
