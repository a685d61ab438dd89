/** `puna stop MODEL`: out of memory with it. */
import { NotFound, PunaError } from "../../errors.ts";
import type { Context } from "../context.ts";

/** Silent on success. */
export async function stop({ client }: Context, model: string): Promise<void> {
  try {
    await client.unload(model);
  } catch (error) {
    if (error instanceof PunaError && error.status === 404) {
      throw new NotFound(`couldn't find model ${JSON.stringify(model)} to stop`, { cause: error });
    }
    throw error;
  }
}
