/** GET /v1/models and GET /v1/models/{id}. */
import type { Context } from "hono";
import { NotFound } from "../../errors.ts";
import { displayName } from "../../models/name.ts";
import type { StoredModel } from "../../models/types.ts";
import type { Deps } from "../deps.ts";
import { parseReference } from "../reference.ts";
import { json } from "../respond.ts";

export function listModels({ store }: Deps) {
  return async (c: Context): Promise<Response> => {
    const models = await store.list();
    return json(c, { object: "list", data: models.map((model) => modelObject(model, displayName(model.name))) });
  };
}

/** Names may hold slashes, written as they are or as %2F. */
export function retrieveModel({ store }: Deps) {
  return async (c: Context): Promise<Response> => {
    const id = (c.req.param("model") ?? "").replace(/\/+$/, "");
    const { name } = parseReference(id);
    const found = name && (await store.find(name));
    if (!found) throw new NotFound(`model '${id}' not found`, { param: "model", code: "model_not_found" });
    return json(c, modelObject(await store.read(found), id));
  };
}

function modelObject({ name, modifiedAt }: StoredModel, id: string): object {
  return { id, object: "model", created: Math.floor(modifiedAt.getTime() / 1000), owned_by: name.namespace };
}
