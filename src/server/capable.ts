/** What a request needs of a model, checked in Ollama's order and words. */
import type { Capability, Think } from "../chat/types.ts";
import { Invalid } from "../errors.ts";
import { fullName } from "../models/name.ts";
import type { Model } from "../models/types.ts";

/** Throws Invalid naming everything that is missing, a line each. */
export function requireCapabilities(model: Model, asked: string, verb: "chat" | "generate", needs: Capability[]): void {
  if (!model.capabilities.includes("completion")) throw new Invalid(`${JSON.stringify(asked)} does not support ${verb}`);
  const missing = needs.filter((need) => !model.capabilities.includes(need));
  if (missing.length > 0)
    throw new Invalid(`${fullName(model.name)} ${missing.map((need) => `does not support ${need}`).join("\n")}`);
}

/** Thinking is on for a model that can, unless it is told not to. Throws Invalid when one is asked to that cannot. */
export function thinkOf(model: Model, asked: string, think: Think | undefined): Think | undefined {
  if (model.capabilities.includes("thinking")) return think ?? true;
  if (think === undefined || think === false) return undefined;
  const old = /^(qwen3|deepseek-r1)/i.test(model.name.model);
  const remedy = old ? ". Pull the model again to get the latest version with full thinking support" : "";
  throw new Invalid(`${JSON.stringify(asked)} does not support thinking${remedy}`);
}

/** Checked before the model is looked for, as in Ollama. Undefined: no logprobs. */
export function topLogprobsOf(body: { logprobs: boolean; top_logprobs: number }): number | undefined {
  if (body.top_logprobs < 0 || body.top_logprobs > 20) throw new Invalid("top_logprobs must be between 0 and 20");
  return body.logprobs ? body.top_logprobs : undefined;
}

/** Pictures are refused rather than ignored: an answer that never saw them would be a lie. */
export function refuseImages(images: readonly string[]): void {
  for (const image of images) {
    const bad = image.replace(/[\r\n]/g, "").search(/[^A-Za-z0-9+/=]|=(?![=]?$)/);
    if (bad !== -1) throw new Invalid(`illegal base64 data at input byte ${bad}`);
  }
  if (images.length > 0) throw new Invalid("images cannot be read by this version of Puna yet: send the request without them");
}
