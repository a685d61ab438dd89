/** `puna kb index BASE [list|build|live|rollback|drop|reset]`: what is searched beside the words. */
import { Invalid } from "../../../errors.ts";
import type { Context } from "../../context.ts";
import { followJobs } from "../../knowledge/follow-jobs.ts";
import type { IndexReply, JobReply } from "../../knowledge/wire.ts";
import { humanTime } from "../../terminal/human.ts";
import { table } from "../../terminal/table.ts";

export interface IndexFlags {
  wait: boolean;
  live?: boolean;
  json?: boolean;
}

type IndexContext = Pick<Context, "client" | "terminal" | "now">;

/** Throws Invalid for an action that is none, or that lacks its name. */
export async function index(
  context: IndexContext,
  base: string,
  { action = "list", name }: { action?: string | undefined; name?: string | undefined },
  flags: IndexFlags,
): Promise<void> {
  const { knowledge } = context.client;
  switch (action) {
    case "list":
    case "ls":
      return await list(context, base, flags);
    case "build": {
      if (!name) throw new Invalid(`which embedding model? puna kb index ${base} build EMBEDDER`);
      const { job } = await knowledge.buildIndex(base, { embedder: name, live: flags.live ?? false });
      return await finish(context, base, job, flags);
    }
    case "reset":
      return await finish(context, base, (await knowledge.resetIndex(base)).job, flags);
    case "live":
      await knowledge.makeLive(base, await indexNumber(context, base, action, name));
      return await list(context, base, flags);
    case "rollback":
      await knowledge.rollBack(base);
      return await list(context, base, flags);
    case "drop":
      await knowledge.dropIndex(base, await indexNumber(context, base, action, name));
      return await list(context, base, flags);
    default:
      throw new Invalid(`unknown action ${JSON.stringify(action)} (must be list, build, live, rollback, drop or reset)`);
  }
}

async function list({ client, terminal, now }: IndexContext, base: string, { json }: IndexFlags): Promise<void> {
  const indexes = await client.knowledge.indexes(base);
  if (json) return terminal.out(`${JSON.stringify(indexes)}\n`);
  const rows = indexes.map((one) => [
    String(one.id),
    one.embedder,
    one.state,
    `${one.vectors}/${one.passages}`,
    String(one.faults),
    humanTime(one.created_at, { now: now(), never: "-" }),
  ]);
  terminal.out(table(["ID", "EMBEDDER", "STATE", "VECTORS", "FAULTS", "CREATED"], rows));
}

async function finish(context: IndexContext, base: string, job: JobReply, flags: IndexFlags): Promise<void> {
  if (!flags.wait) return context.terminal.out(flags.json ? `${JSON.stringify(job)}\n` : `job ${job.id} has begun\n`);
  const { jobs } = await followJobs(context, base, [job.id]);
  for (const { reason } of jobs) if (reason !== null) context.terminal.err(`Note: ${reason}\n`);
  await list(context, base, flags);
}

/** By its number, or by an embedder that only one has. */
async function indexNumber({ client }: IndexContext, base: string, action: string, name: string | undefined): Promise<number> {
  if (!name) throw new Invalid(`which index? puna kb index ${base} ${action} ID`);
  const indexes = await client.knowledge.indexes(base);
  const found = indexes.filter((one) => String(one.id) === name || isEmbedder(one, name));
  if (found.length === 1 && found[0]) return found[0].id;
  throw new Invalid(
    `${JSON.stringify(name)} is the number or the embedder of ${found.length} indexes (see 'puna kb index ${base}')`,
  );
}

function isEmbedder({ embedder }: IndexReply, name: string): boolean {
  return embedder === name || embedder === `${name}:latest`;
}
