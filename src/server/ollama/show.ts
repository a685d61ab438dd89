/** POST /api/show: everything about one model. */
import type { Context } from "hono";
import { z } from "zod";
import { Invalid, NotFound } from "../../errors.ts";
import { displayName } from "../../models/name.ts";
import { showModel } from "../../models/show.ts";
import type { Model } from "../../models/types.ts";
import { readJson } from "../body.ts";
import type { Deps } from "../deps.ts";
import { baseOf } from "../knowledge/asked.ts";
import { shownBase } from "../knowledge/listing.ts";
import { parseReference } from "../reference.ts";
import { json } from "../respond.ts";
import { templateOf } from "../template.ts";
import { localTime } from "../time.ts";

const request = z.object({
  model: z.string().default(""),
  name: z.string().default(""),
  verbose: z.boolean().default(false),
  system: z.string().default(""),
  options: z.record(z.string(), z.unknown()).default({}),
});

export function show(deps: Deps) {
  const { store, config } = deps;
  return async (c: Context): Promise<Response> => {
    const body = await readJson(c, request, "ShowRequest");
    const text = (body.model || body.name).trim();
    if (text === "") throw new Invalid("model is required");
    const base = await baseOf(deps, text);
    if (base) return json(c, shownBase(base));
    const { name } = parseReference(text, "ollama cloud is disabled: remote model details are unavailable");
    if (!name) throw new Invalid("invalid model name");
    const found = await store.find(name);
    if (!found) throw new NotFound(`model '${displayName(name)}' not found`);
    const model = await store.open(found);
    const template = usedTemplate(model, config);
    const shown = await showModel(model, {
      verbose: body.verbose,
      system: body.system,
      options: body.options,
      ...(template !== undefined && { template }),
    });
    // GitHub Copilot shows this field where others show the name.
    if (c.req.header("user-agent")?.startsWith("GitHubCopilotChat/")) shown.model_info["general.basename"] = text;
    return json(c, { ...shown, modified_at: localTime(model.modifiedAt) });
  };
}

/** Undefined where the model has none, or one that does not parse: it is shown as it is. */
function usedTemplate(model: Model, config: Deps["config"]): string | undefined {
  if (model.template === undefined && !model.header?.metadata.has("tokenizer.chat_template")) return undefined;
  try {
    return templateOf(model, config).source;
  } catch {
    return undefined;
  }
}
