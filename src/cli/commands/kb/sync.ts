/** `puna kb sync BASE [SOURCE]`: looks now at what a base watches. */
import { Invalid } from "../../../errors.ts";
import type { Context } from "../../context.ts";
import { findSource } from "../../knowledge/find-source.ts";
import { concludeLooks, followLooks } from "../../knowledge/follow-looks.ts";

export interface SyncFlags {
  again?: boolean;
  wait: boolean;
  json?: boolean;
}

/** At one source, or at all. Throws Failed when something could not be read. */
export async function sync(
  context: Pick<Context, "client" | "terminal">,
  base: string,
  word: string | undefined,
  { again = false, wait, json }: SyncFlags,
): Promise<void> {
  const { client, terminal } = context;
  const sources = word === undefined ? await client.knowledge.sources(base) : [await findSource(context, base, word)];
  if (sources.length === 0) throw new Invalid(`${base} watches nothing: 'puna kb watch ${base} FOLDER' begins it`);
  for (const { id } of sources) await client.knowledge.syncSource(base, id, again);
  const ids = sources.map(({ id }) => id);
  if (!wait) return terminal.out(json ? `${JSON.stringify({ sources: ids })}\n` : "being looked at\n");
  concludeLooks(await followLooks(context, base, ids), { json }, terminal);
}
