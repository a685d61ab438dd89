/** From the `model` field of a request to a model of the store. */
import { Invalid, NotFound, PunaError } from "../errors.ts";
import { type ModelName, parseName } from "../models/name.ts";
import type { ModelStore } from "../models/store.ts";
import type { Model } from "../models/types.ts";

/** A `:cloud` model lives on another company's servers; Puna asks nobody. */
const cloudDisabled = "ollama cloud is disabled: remote model is unavailable";

export interface Reference {
  /** What is left of the text without its source. */
  text: string;
  /** Undefined when the text is no valid name. */
  name: ModelName | undefined;
}

/** Takes `:local` off. Throws Invalid for two sources, and 403 for a cloud model. */
export function parseReference(raw: string, disabled = cloudDisabled): Reference {
  const text = raw.trim();
  const source = sourceOf(text);
  if (!source) return { text, name: parseName(text) };
  const rest = text.slice(0, -source.length - 1);
  const inner = sourceOf(rest);
  if (inner && inner !== source) throw new Invalid(`use either :local or :cloud, not both: ${JSON.stringify(raw)}`);
  if (source === "cloud") throw new PunaError(403, disabled);
  return { text: rest, name: parseName(rest) };
}

/**
 * The model of that name, ready to be used. Throws NotFound with the name as the client wrote it; some endpoints have words of
 * their own for a good name that is not there.
 */
export async function openModel(
  store: ModelStore,
  { text, name }: Reference,
  missing = (text: string) => `model '${text}' not found`,
): Promise<Model> {
  if (!name) throw new NotFound(`model '${text}' not found`);
  const found = await store.find(name);
  if (!found) throw new NotFound(missing(text));
  const model = await store.open(found);
  // A stub of a remote model: no host is in the list of those that may be asked, since the list is empty.
  if (model.config.remote_host) throw new Invalid("this server cannot run this remote model");
  return model;
}

function sourceOf(text: string): "cloud" | "local" | undefined {
  const found = /(?::(cloud|local)|:[^:/]*-(cloud))$/i.exec(text);
  if (!found) return undefined;
  return (found[1] ?? found[2] ?? "").toLowerCase() === "local" ? "local" : "cloud";
}
