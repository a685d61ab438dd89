/** `puna kb add BASE FILE...`: files, folders, web addresses and piped text become documents. */
import { Canceled } from "../../../errors.ts";
import type { Context } from "../../context.ts";
import { interruptible } from "../../interruptible.ts";
import { followJobs } from "../../knowledge/follow-jobs.ts";
import { gather } from "../../knowledge/gather.ts";
import { concludeImport } from "../../knowledge/outcome.ts";
import { send } from "../../knowledge/send.ts";

export interface AddFlags {
  name?: string;
  wait: boolean;
  json?: boolean;
}

/** Waits, unless told not to. Throws Failed when something could not be added: the rest is in. */
export async function add(
  { input, ...context }: Pick<Context, "client" | "terminal"> & { input: AsyncIterable<Uint8Array> },
  base: string,
  words: readonly string[],
  { name, wait, json }: AddFlags,
): Promise<void> {
  const { client, terminal } = context;
  // A base that is not there is said before files are looked for.
  await client.knowledge.base(base);
  const gathered = await gather(words, { name, input });
  await interruptible(async (signal) => {
    const { jobs, failures } = await send(context, base, gathered, signal);
    if (!wait && failures.length === 0)
      return terminal.out(json ? `${JSON.stringify({ jobs })}\n` : `import ${jobs.join(", ")} has begun\n`);
    try {
      const outcome = await followJobs(context, base, wait ? jobs : [], { signal });
      concludeImport(
        { ...outcome, failures: [...failures, ...outcome.failures], unsent: failures.length },
        { base, json },
        terminal,
      );
    } catch (error) {
      if (error instanceof Canceled)
        throw new Canceled(`the import goes on without you: 'puna kb jobs ${base}' shows it, 'puna kb cancel ${base}' ends it`);
      throw error;
    }
  });
}
