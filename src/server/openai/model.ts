/** The model that a request names. */
import { Invalid, NotFound } from "../../errors.ts";
import type { Model } from "../../models/types.ts";
import type { Deps } from "../deps.ts";
import { openModel, parseReference } from "../reference.ts";

/** Throws Invalid for no name or none that can be, NotFound with OpenAI's code for one that is not here. */
export async function modelOf({ store }: Deps, text: string): Promise<Model> {
  if (text.trim() === "") throw new Invalid("model is required", { param: "model" });
  const reference = parseReference(text);
  if (!reference.name) throw new Invalid("invalid model name", { param: "model" });
  try {
    return await openModel(store, reference);
  } catch (error) {
    if (!(error instanceof NotFound)) throw error;
    throw new NotFound(error.message, { cause: error, param: "model", code: "model_not_found" });
  }
}
