/** `puna prune`: removes unused blobs. */
import type { Context } from "../context.ts";

export async function prune({ client, terminal }: Pick<Context, "client" | "terminal">): Promise<void> {
  const { removed } = await client.prune();
  terminal.out(removed === 0 ? "nothing to remove\n" : `removed ${removed} unused file${removed === 1 ? "" : "s"}\n`);
}
