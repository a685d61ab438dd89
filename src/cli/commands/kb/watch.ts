/** `puna kb watch BASE [SOURCE]`: looks at a folder, a page, a site or a repository, now and again; without one, lists them. */
import type { Context } from "../../context.ts";
import { concludeLooks, followLooks, inNumbers } from "../../knowledge/follow-looks.ts";
import type { SourceReply } from "../../knowledge/source-wire.ts";
import { type SourceFlags, wantedSource } from "../../knowledge/wanted-source.ts";
import { humanTime } from "../../terminal/human.ts";
import { table } from "../../terminal/table.ts";
import { visible } from "../../terminal/visible.ts";

export interface WatchFlags extends SourceFlags {
  wait: boolean;
  json?: boolean;
}

/** Waits for the first look, unless told not to. Throws Failed when something of it could not be read. */
export async function watch(
  context: Pick<Context, "client" | "terminal" | "now">,
  base: string,
  word: string | undefined,
  { wait, json, ...flags }: WatchFlags,
): Promise<void> {
  const { client, terminal, now } = context;
  if (word === undefined) {
    const sources = await client.knowledge.sources(base);
    return terminal.out(json ? `${JSON.stringify(sources)}\n` : listed(sources, now()));
  }
  const source = await client.knowledge.addSource(base, wantedSource(word, flags));
  if (!wait) return terminal.out(json ? `${JSON.stringify([source])}\n` : `source ${source.id} is being looked at\n`);
  concludeLooks(await followLooks(context, base, [source.id]), { json }, terminal);
}

function listed(sources: readonly SourceReply[], now: Date): string {
  const rows = sources.map((source) => {
    const { id, kind, location, every, options, state, looked_at: at, result } = source;
    const when = [...(options.watch ? ["changes"] : []), ...(every === null ? [] : [every])].join(", ") || "asked";
    const last = result === null ? "-" : (result.error ?? inNumbers(result));
    const looked = state === "idle" ? humanTime(at ?? undefined, { now, never: "-" }) : "now";
    return [String(id), kind, visible(location), when, looked, visible(last)];
  });
  return table(["ID", "KIND", "SOURCE", "WHEN", "LOOKED AT", "FOUND"], rows);
}
