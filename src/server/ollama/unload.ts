/** Unloading on request. */
import type { Model } from "../../models/types.ts";
import type { Deps } from "../deps.ts";

const PATIENCE_MS = 5000;

/** Waits until the memory is free, but not for requests that hold the model for long: it goes when they are done. */
export async function unloadSoon({ runtime }: Deps, model: Model): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const patience = new Promise((resolve) => {
    timer = setTimeout(resolve, PATIENCE_MS);
  });
  await Promise.race([runtime.unload(model), patience]);
  clearTimeout(timer);
}
