/** Filling in the middle: by the model's own template, or else in the tokens that its vocabulary has for it. */
import { goTemplate } from "../chat/go.ts";
import { type OtherFile, prepareInfill } from "../chat/infill.ts";
import { type FoundFamily, findFamily } from "../chat/infill-families.ts";
import { type Prepared, prepareInsert } from "../chat/prompt.ts";
import type { ChatTemplate } from "../chat/types.ts";
import { Invalid } from "../errors.ts";
import { readGguf } from "../models/gguf/read.ts";
import { fullName } from "../models/name.ts";
import type { Model } from "../models/types.ts";
import type { Lease } from "../runtime/types.ts";
import { mostCharacters } from "./limits.ts";

export interface InsertInput {
  prompt: string;
  suffix: string;
  /** What else the model should see; a template has no place for it. */
  extra?: OtherFile[] | undefined;
}

type Common = Omit<Parameters<typeof prepareInsert>[0], "prompt" | "suffix">;

/** What to leave free for an answer of which no length is said. */
const RESERVE = 256;
const MOST_KEPT = 32;
const kept = new Map<string, FoundFamily | undefined>();

/** The family of a model's vocabulary, remembered: a whole vocabulary is read for it. */
async function familyOf(model: Model): Promise<FoundFamily | undefined> {
  const { modelPath, header, digest } = model;
  if (modelPath === undefined || !header) return undefined;
  if (!kept.has(digest)) {
    const { metadata } = await readGguf(modelPath, { maxArray: Number.POSITIVE_INFINITY });
    const tokens = metadata.get("tokenizer.ggml.tokens");
    kept.set(digest, typeof tokens === "object" ? findFamily(tokens.items.map(String)) : undefined);
    if (kept.size > MOST_KEPT) kept.delete(kept.keys().next().value ?? "");
  }
  return kept.get(digest);
}

/** Throws Invalid in Ollama's words for a model that has no way of filling in. */
export async function requireInsert(model: Model): Promise<void> {
  if (model.capabilities.includes("insert") || (await familyOf(model))) return;
  throw new Invalid(`${fullName(model.name)} does not support insert`);
}

/** The model's own Go template may know a suffix where the one chosen for conversations does not. */
function insertTemplate({ template: source }: Model, chosen: ChatTemplate): ChatTemplate | undefined {
  if (chosen.supports.insert) return chosen;
  if (source === undefined) return undefined;
  try {
    const own = goTemplate(source);
    return own.supports.insert ? own : undefined;
  } catch {
    return undefined;
  }
}

/** `maxTokens`: how long the answer may become; negative is unlimited. */
export async function insertPrompt(
  { lease, model, maxTokens }: { lease: Lease; model: Model; maxTokens: number },
  { prompt, suffix, extra }: InsertInput,
  common: Common,
): Promise<Prepared> {
  const template = insertTemplate(model, common.template);
  // Templates have no place for other files, and take a gap without anything before or after it for a question.
  const suits = template && prompt !== "" && suffix !== "" && !extra?.length;
  const family = suits ? undefined : await familyOf(model);
  if (!family) {
    if (!template) throw new Invalid(`${fullName(model.name)} does not support insert`);
    const files = (extra ?? []).map(({ filename, text }) => `${filename}\n${text}\n\n`).join("");
    return await prepareInsert({ ...common, template, prompt: files + prompt || "\n", suffix: suffix || "\n" });
  }
  const most = mostCharacters(lease.contextLength);
  const characters = [prompt, suffix, ...(extra ?? []).map(({ text }) => text)].reduce((sum, text) => sum + text.length, 0);
  if (characters > most)
    throw new Invalid(
      `the prompt is too long: ${characters} characters are far more than a context of ${lease.contextLength} tokens holds`,
      { code: "context_length_exceeded" },
    );
  const { addBos, bosToken } = lease.info;
  return await prepareInfill({
    family,
    prefix: prompt,
    suffix,
    extra: extra ?? [],
    bos: addBos && bosToken !== undefined ? [bosToken] : [],
    tokenize: async (text) => await lease.tokenize(text, { addSpecial: false, parseSpecial: false }),
    contextLength: lease.contextLength,
    overflow: common.overflow,
    reserve: maxTokens < 0 ? RESERVE : maxTokens,
  });
}
