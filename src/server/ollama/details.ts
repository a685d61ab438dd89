/** The `details` and capabilities of a stored model, as lists show them. */
import type { Capability } from "../../chat/types.ts";
import type { ModelStore } from "../../models/store.ts";
import type { StoredModel } from "../../models/types.ts";

export interface Details {
  parent_model: string;
  format: string;
  family: string;
  families: string[] | null;
  parameter_size: string;
  quantization_level: string;
}

export interface More {
  capabilities?: Capability[];
  context_length?: number;
  embedding_length?: number;
}

/** What the config says. */
export function detailsOf({ config }: StoredModel): Details {
  return {
    parent_model: "",
    format: config.model_format ?? "",
    family: config.model_family ?? "",
    families: config.model_families ?? null,
    parameter_size: config.model_type ?? "",
    quantization_level: config.file_type ?? "",
  };
}

const seen = new Map<string, More>();

/** What only the model's header tells; remembered by manifest digest, since a list asks for every model each time. */
export async function moreOf(store: ModelStore, stored: StoredModel): Promise<More> {
  const known = seen.get(stored.digest);
  if (known) return known;
  try {
    const { capabilities, header } = await store.open(stored.name);
    const number = (key: string) => {
      const value = Number(header?.metadata.get(`${header.architecture}.${key}`));
      return Number.isSafeInteger(value) && value > 0 ? { [key]: value } : {};
    };
    const more: More = { capabilities, ...number("context_length"), ...number("embedding_length") };
    seen.set(stored.digest, more);
    return more;
  } catch {
    // A damaged model is listed all the same; its fault shows when it is used.
    return {};
  }
}
