/** GET and DELETE /v1/responses/{id}, GET /v1/responses/{id}/input_items. */
import type { Context } from "hono";
import { Invalid, NotFound } from "../../../errors.ts";
import { json } from "../../respond.ts";
import type { StoredResponse, StoredResponses } from "./stored.ts";

export function getResponse(stored: StoredResponses) {
  return (c: Context): Response => {
    const { response } = find(stored, c);
    if (c.req.query("stream") === "true")
      throw new Invalid("a response that has ended is not streamed again: ask for it without stream", { param: "stream" });
    return json(c, response);
  };
}

export function deleteResponse(stored: StoredResponses) {
  return (c: Context): Response => {
    const { id } = find(stored, c).response;
    stored.delete(id);
    return json(c, { id, object: "response", deleted: true });
  };
}

/** Newest first unless `order=asc`; `limit` (20) items behind `after`. */
export function listInputItems(stored: StoredResponses) {
  return (c: Context): Response => {
    const { input } = find(stored, c);
    const items = c.req.query("order") === "asc" ? input : input.toReversed();
    const limit = Number(c.req.query("limit") ?? 20);
    if (!Number.isInteger(limit) || limit < 1 || limit > 100)
      throw new Invalid("limit must be a whole number from 1 to 100", { param: "limit" });
    const after = c.req.query("after");
    const start = after === undefined ? 0 : items.findIndex(({ id }) => id === after) + 1;
    const data = items.slice(start, start + limit);
    return json(c, {
      object: "list",
      data,
      first_id: data[0]?.id ?? null,
      last_id: data.at(-1)?.id ?? null,
      has_more: start + limit < items.length,
    });
  };
}

function find(stored: StoredResponses, c: Context): StoredResponse {
  const id = c.req.param("id") ?? "";
  const found = stored.get(id);
  if (found) return found;
  throw new NotFound(
    `Response with id '${id}' not found: this server keeps responses in memory, for a while, unless store is false`,
  );
}
