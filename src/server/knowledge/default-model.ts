/** The model that answers for a base that names none. */
import type { Model, StoredModel } from "../../models/types.ts";
import type { Deps } from "../deps.ts";
import { moreOf } from "../ollama/details.ts";

/** One that is loaded, or else the one that changed last; the bundled model when there is no other. Undefined when none can chat. */
export async function defaultChatModel({ store, runtime }: Deps): Promise<Model | undefined> {
  const loaded = runtime.loaded().map(({ model }) => model);
  const all = await store.list();
  const candidates: StoredModel[] = [...loaded.filter(({ digest }) => all.some((model) => model.digest === digest)), ...all];
  let bundled: Model | undefined;
  for (const candidate of candidates) {
    const { capabilities = [] } = await moreOf(store, candidate);
    if (!capabilities.includes("completion") || candidate.config.remote_host) continue;
    const model = await store.open(candidate.name);
    if (!isBundled(model)) return model;
    bundled ??= model;
  }
  return bundled;
}

function isBundled({ header }: Model): boolean {
  return header?.metadata.get("general.name") === "mini" && header.parameters < 50e6;
}
