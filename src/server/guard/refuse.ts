/** A refusal in the words of the dialect that was spoken to: Ollama's, OpenAI's, Anthropic's or a registry's. */
import { randomBytes } from "node:crypto";
import type { Context } from "hono";
import { json } from "../respond.ts";

export interface Refusal {
  status: 401 | 403;
  message: string;
  /** OpenAI's word for it. */
  code: string;
}

/** A 401 says how to do better in `WWW-Authenticate`, as HTTP wants it; `challenge` is a registry's own. */
export function refuse(c: Context, refusal: Refusal, challenge = 'Bearer realm="puna"'): Response {
  if (refusal.status === 401) c.header("WWW-Authenticate", challenge);
  return json(c, bodyFor(c.req.path, refusal), refusal.status);
}

function bodyFor(path: string, { status, message, code }: Refusal): unknown {
  if (path === "/v1/messages" || path.startsWith("/v1/messages/")) {
    const type = status === 401 ? "authentication_error" : "permission_error";
    return { type: "error", error: { type, message }, request_id: `req_${randomBytes(12).toString("hex")}` };
  }
  if (path.startsWith("/v1/")) return { error: { message, type: "invalid_request_error", param: null, code } };
  if (path === "/v2" || path.startsWith("/v2/")) {
    return { errors: [{ code: status === 401 ? "UNAUTHORIZED" : "DENIED", message }] };
  }
  return { error: message };
}
