/** `puna cp SOURCE DESTINATION`: a second name for a model; its data is shared. */
import type { Context } from "../context.ts";

export async function cp({ client, terminal }: Context, source: string, destination: string): Promise<void> {
  await client.copy(source, destination);
  terminal.out(`copied '${source}' to '${destination}'\n`);
}
