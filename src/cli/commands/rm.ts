/** `puna rm MODEL...`: unloads and deletes models. */
import { PunaError } from "../../errors.ts";
import type { Context } from "../context.ts";

/** Deletes in the order given and stops at the first that fails. */
export async function rm({ client, terminal }: Context, models: string[]): Promise<void> {
  for (const model of models) {
    try {
      await client.unload(model);
    } catch (error) {
      // The file can be deleted all the same: a running copy goes on until its keep-alive ends.
      if (!(error instanceof PunaError && error.status === 404)) terminal.err(`Warning: unable to stop model '${model}'\n`);
    }
    await client.remove(model);
    terminal.out(`deleted '${model}'\n`);
  }
}
