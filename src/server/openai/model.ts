/** The model that a request names. */
import { Invalid, NotFound } from "../../errors.ts";
import type { Deps } from "../deps.ts";
import { type AskedModel, type KnowledgeWishes, modelOfBase } from "../knowledge/asked.ts";
import { openModel, parseReference } from "../reference.ts";

/** Throws Invalid for no name or none that can be, NotFound with OpenAI's code for one that is not here. */
export async function modelOf(deps: Deps, text: string, wishes?: KnowledgeWishes): Promise<AskedModel> {
  if (text.trim() === "") throw new Invalid("model is required", { param: "model" });
  try {
    const ofBase = await modelOfBase(deps, text, wishes);
    if (ofBase) return ofBase;
    const reference = parseReference(text);
    if (!reference.name) throw new Invalid("invalid model name", { param: "model" });
    return await openModel(deps.store, reference);
  } catch (error) {
    if (!(error instanceof NotFound)) throw error;
    throw new NotFound(error.message, { cause: error, param: "model", code: "model_not_found" });
  }
}
