/** A refusal in the words of the dialect that was spoken to: Ollama's, OpenAI's or Anthropic's. */
import type { Context } from "hono";
import type { PunaError } from "../../errors.ts";
import { inAnthropicWords } from "../anthropic/errors.ts";
import { inOpenaiWords } from "../openai/errors.ts";
import { errorResponse } from "../respond.ts";

/** A 401 says in `WWW-Authenticate` how to do better, as HTTP wants it. */
export async function refuse(c: Context, refusal: PunaError): Promise<Response> {
  if (refusal.status === 401) c.header("WWW-Authenticate", 'Bearer realm="puna"');
  const isUnder = (root: string) => c.req.path === root || c.req.path.startsWith(`${root}/`);
  const failing = () => Promise.reject(refusal);
  if (isUnder("/v1/messages")) return await inAnthropicWords(failing)(c);
  return isUnder("/v1") ? await inOpenaiWords(failing)(c) : errorResponse(c, refusal);
}
