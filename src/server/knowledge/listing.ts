/** Knowledge bases as entries of the lists of models. */
import { createHash } from "node:crypto";
import type { Base } from "../../knowledge/rows/bases.ts";
import type { Deps } from "../deps.ts";
import { forbiddenText } from "../guard/allowed-models.ts";
import { localTime } from "../time.ts";
import { nameOfBase } from "./asked.ts";

/** Those that the caller may ask. */
export function listedBases({ knowledge }: Pick<Deps, "knowledge">): Base[] {
  return knowledge.list().filter((base) => !forbiddenText(nameOfBase(base)));
}

/** An entry of /api/tags. */
export function tagOfBase(base: Base): object {
  const name = nameOfBase(base);
  return {
    name,
    model: name,
    modified_at: localTime(new Date(base.createdAt)),
    size: 0,
    digest: createHash("sha256").update(`knowledge base ${base.id}`).digest("hex"),
    details: detailsOfBase(base),
    capabilities: ["completion"],
  };
}

/** What /api/show says of a base. */
export function shownBase(base: Base): object {
  return {
    modelfile: `# A knowledge base, not a model: see 'puna kb list'\n`,
    parameters: "",
    template: "",
    details: detailsOfBase(base),
    model_info: {
      "general.architecture": "knowledge",
      "general.basename": base.name,
      "knowledge.documents": base.documents,
      "knowledge.passages": base.passages,
    },
    capabilities: ["completion"],
    modified_at: localTime(new Date(base.createdAt)),
  };
}

function detailsOfBase({ settings }: Base): object {
  return {
    parent_model: settings.model ?? "",
    format: "",
    family: "knowledge",
    families: ["knowledge"],
    parameter_size: "",
    quantization_level: "",
  };
}
