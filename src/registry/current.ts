/** Asks a registry whether a model there is still what it is here. */
import { Canceled } from "../errors.ts";
import { referencedDigests } from "../models/manifest.ts";
import type { ModelName } from "../models/name.ts";
import { known } from "./failure.ts";
import { filesAreCurrent } from "./hub-pull.ts";
import { checkManifest, fetchManifest, type PullOptions } from "./pull.ts";

/** Compares what the manifests name. Throws NotFound for a model that is not here, Failed when the registry does not say, or Canceled. */
export async function isCurrent(wanted: ModelName, options: PullOptions): Promise<boolean> {
  const { store, signal } = options;
  const here = await store.manifest(wanted);
  try {
    const name = await store.spelling(wanted);
    const bytes = await fetchManifest(name, options);
    if (bytes === undefined) return await filesAreCurrent(name, options);
    const there = new Set(referencedDigests(checkManifest(bytes, name)));
    const digests = new Set(referencedDigests(here.manifest));
    return there.size === digests.size && [...there].every((digest) => digests.has(digest));
  } catch (error) {
    if (signal.aborted) throw new Canceled(undefined, { cause: error });
    throw known(error);
  }
}
