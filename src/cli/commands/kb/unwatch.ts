/** `puna kb unwatch BASE SOURCE`: does not look at a source again. */
import type { Context } from "../../context.ts";
import { findSource } from "../../knowledge/find-source.ts";
import { visible } from "../../terminal/visible.ts";

/** What was read of it stays, unless `documents` are to go as well. */
export async function unwatch(
  context: Pick<Context, "client" | "terminal">,
  base: string,
  word: string,
  { documents }: { documents?: boolean },
): Promise<void> {
  const { id, location } = await findSource(context, base, word);
  await context.client.knowledge.removeSource(base, id, documents ? "remove" : "keep");
  context.terminal.out(`${visible(location)} is not watched any more${documents ? ", and its documents are removed" : ""}\n`);
}
