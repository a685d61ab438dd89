/** GET /v1/models and GET /v1/models/{id}. */
import type { Context } from "hono";
import { NotFound } from "../../errors.ts";
import type { Base } from "../../knowledge/rows/bases.ts";
import { displayName } from "../../models/name.ts";
import type { StoredModel } from "../../models/types.ts";
import type { Deps } from "../deps.ts";
import { baseOf, nameOfBase } from "../knowledge/asked.ts";
import { listedBases } from "../knowledge/listing.ts";
import { parseReference } from "../reference.ts";
import { json } from "../respond.ts";

export function listModels(deps: Deps) {
  return async (c: Context): Promise<Response> => {
    const models = await deps.store.list();
    const data = models.map((model) => modelObject(model, displayName(model.name)));
    return json(c, { object: "list", data: [...data, ...listedBases(deps).map((base) => baseObject(base, nameOfBase(base)))] });
  };
}

/** Names may hold slashes, written as they are or as %2F. */
export function retrieveModel(deps: Deps) {
  const { store } = deps;
  return async (c: Context): Promise<Response> => {
    const id = (c.req.param("model") ?? "").replace(/\/+$/, "");
    const base = await baseOf(deps, id);
    if (base) return json(c, baseObject(base, id));
    const { name } = parseReference(id);
    const found = name && (await store.find(name));
    if (!found) throw new NotFound(`model '${id}' not found`, { param: "model", code: "model_not_found" });
    return json(c, modelObject(await store.read(found), id));
  };
}

function modelObject({ name, modifiedAt }: StoredModel, id: string): object {
  return { id, object: "model", created: Math.floor(modifiedAt.getTime() / 1000), owned_by: name.namespace };
}

function baseObject({ createdAt }: Base, id: string): object {
  return { id, object: "model", created: Math.floor(createdAt / 1000), owned_by: "knowledge" };
}
