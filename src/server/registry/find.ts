/** From a repository of a request to models of the store. */
import { NotFound } from "../../errors.ts";
import { referencedDigests } from "../../models/manifest.ts";
import { defaultHost, type ModelName, same } from "../../models/name.ts";
import type { ManifestBytes, ModelStore } from "../../models/store.ts";
import type { Repository } from "./request.ts";

/**
 * Every tag of the repository, by the names that the store has. A client can name two parts besides its server's address, so
 * that `org/model` also finds what came from elsewhere, as `hf.co/org/model`, unless the usual host has such a model.
 */
export async function namesIn(store: ModelStore, { host, namespace, model }: Repository): Promise<ModelName[]> {
  const names = (await store.names()).filter((name) => same(name.namespace, namespace) && same(name.model, model));
  if (host !== undefined) return names.filter((name) => same(name.host, host));
  const usual = names.filter((name) => same(name.host, defaultHost));
  if (usual.length > 0) return usual;
  const hosts = [...new Set(names.map((name) => name.host.toLowerCase()))].sort();
  if (hosts.length <= 1) return names;
  throw new NotFound(`${namespace}/${model} is here from ${hosts.join(" and ")}: ask for one of them by its full name`);
}

/** The bytes of a manifest by tag or digest. Throws NotFound. */
export async function findManifest(store: ModelStore, repository: Repository, reference: string): Promise<ManifestBytes> {
  for (const name of await namesIn(store, repository)) {
    const found = same(name.tag, reference) || reference.includes(":") ? await store.manifest(name) : undefined;
    if (found && (same(name.tag, reference) || found.digest === reference.toLowerCase())) return found;
  }
  throw new NotFound("manifest unknown: there is no such model here", { code: "MANIFEST_UNKNOWN" });
}

/** Whether any tag of the repository has this blob: who may have one model may not have the parts of others. */
export async function hasBlob(store: ModelStore, repository: Repository, digest: string): Promise<boolean> {
  for (const name of await namesIn(store, repository)) {
    const found = await store.manifest(name).catch(() => undefined);
    if (found && referencedDigests(found.manifest).includes(digest)) return true;
  }
  return false;
}
