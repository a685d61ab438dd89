/**
 * Which models the key of the present request is for. The model store asks, so that no endpoint can forget to. Only a request whose key
 * has a list is followed in this way: following costs every await a little.
 */
import { AsyncLocalStorage } from "node:async_hooks";
import { coversModel, type Grant } from "../../accounts/grant.ts";
import { PunaError } from "../../errors.ts";
import { displayName, type ModelName } from "../../models/name.ts";

const current = new AsyncLocalStorage<Grant>();

/** Runs what a request does under its grant. */
export async function underGrant<T>(grant: Grant, work: () => Promise<T>): Promise<T> {
  return await (grant.models === undefined ? work() : current.run(grant, work));
}

/** What the server itself chooses, and not the request, is not under its grant. */
export async function outsideGrant<T>(work: () => Promise<T>): Promise<T> {
  return await current.exit(work);
}

/** The error for a model that the present request may not use; undefined when it may. */
export function forbidden(name: ModelName): PunaError | undefined {
  return forbiddenText(displayName(name));
}

/** The same for a name in its shortest form, with its tag. */
export function forbiddenText(name: string): PunaError | undefined {
  const grant = current.getStore();
  if (!grant || coversModel(grant, name)) return undefined;
  return new PunaError(403, `the API key '${grant.name}' may not use model '${name}'`, {
    code: "model_not_allowed",
  });
}
