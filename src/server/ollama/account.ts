/**
 * What Ollama's clients ask about their account at ollama.com and its web search. There is no account here and no other host is asked,
 * so the answers are those of somebody who is not signed in, with the cloud switched off.
 */
import type { Context } from "hono";
import { Invalid, PunaError } from "../../errors.ts";
import { json } from "../respond.ts";

export function me(): Promise<Response> {
  return Promise.reject(new PunaError(401, "unauthorized"));
}

export function signOut(): Promise<Response> {
  return Promise.reject(new PunaError(401, "you are not currently signed in"));
}

/** `what` as in "web search". */
export function onTheWeb(what: string) {
  return async (c: Context): Promise<Response> => {
    if ((await c.req.text()).trim() === "") throw new Invalid("missing request body");
    throw new PunaError(403, `ollama cloud is disabled: ${what} is unavailable`);
  };
}

/** Which models to take is not for this server to say. */
export function recommendations(c: Context): Response {
  return json(c, { recommendations: [] });
}
