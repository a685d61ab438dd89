/** `puna create MODEL`: a model from a Modelfile. */
import type { Context } from "../context.ts";
import { createFromModelfile } from "../session/create-model.ts";

export interface CreateFlags {
  file?: string;
  quantize?: string;
  inPlace?: boolean;
}

/** The Modelfile of this folder, unless a flag names another. */
export async function create(
  context: Context,
  model: string,
  { file = "Modelfile", quantize, inPlace }: CreateFlags,
): Promise<void> {
  await createFromModelfile(model, { modelfile: file, quantize, inPlace }, context);
}
