/** What a loaded model's runner says about itself, for lists and metrics. */
import type { LoadedModel } from "../runtime/types.ts";

export type LoadedStats = NonNullable<Awaited<ReturnType<LoadedModel["stats"]>>>;

/** A runner answers between two steps. One that takes longer is left out rather than waited for: a list must not hang on it. */
const PATIENCE_MS = 1000;

/** Undefined for a model that is still loading, or whose runner is busy or gone. */
export async function statsOf(loaded: LoadedModel): Promise<LoadedStats | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const patience = new Promise<undefined>((resolve) => {
    timer = setTimeout(resolve, PATIENCE_MS, undefined);
  });
  try {
    return await Promise.race([loaded.stats(), patience]);
  } catch {
    return undefined;
  } finally {
    clearTimeout(timer);
  }
}
