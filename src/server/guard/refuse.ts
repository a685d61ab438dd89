/** A refusal in the words of the dialect that was spoken to: Ollama's, OpenAI's, Anthropic's or a registry's. */
import type { Context } from "hono";
import type { PunaError } from "../../errors.ts";
import { inAnthropicWords } from "../anthropic/errors.ts";
import { inOpenaiWords } from "../openai/errors.ts";
import { registryError } from "../registry/errors.ts";
import { errorResponse } from "../respond.ts";

/** A 401 says in `WWW-Authenticate` how to do better, as HTTP wants it. */
export async function refuse(c: Context, refusal: PunaError, challenge = 'Bearer realm="puna"'): Promise<Response> {
  if (refusal.status === 401) c.header("WWW-Authenticate", challenge);
  const isUnder = (root: string) => c.req.path === root || c.req.path.startsWith(`${root}/`);
  const failing = () => Promise.reject(refusal);
  if (isUnder("/v1/messages")) return await inAnthropicWords(failing)(c);
  if (isUnder("/v1")) return await inOpenaiWords(failing)(c);
  return isUnder("/v2") ? registryError(c, refusal) : errorResponse(c, refusal);
}
