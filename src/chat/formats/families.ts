/** Which family a template is of. */
import { commandR } from "./command-r.ts";
import { deepseek } from "./deepseek.ts";
import type { CallFormat, Family } from "./family.ts";
import { functionGemma, gemma3, gemma4 } from "./gemma.ts";
import { genericCalls } from "./generic.ts";
import { glm } from "./glm.ts";
import { granite } from "./granite.ts";
import { harmony } from "./harmony.ts";
import { hermes } from "./hermes.ts";
import { kimi } from "./kimi.ts";
import { lfm2 } from "./lfm2.ts";
import { llama3 } from "./llama3.ts";
import { llama4 } from "./llama4.ts";
import { mistral } from "./mistral.ts";
import { olmo3 } from "./olmo3.ts";
import { phi4 } from "./phi4.ts";
import { qwen3Coder } from "./qwen3-coder.ts";

/** In the order of asking: those whose marks are rare first, Hermes, from whom half the world copied, towards the end. */
export const families: readonly Family[] = [
  harmony,
  functionGemma,
  gemma4,
  kimi,
  deepseek,
  commandR,
  lfm2,
  olmo3,
  mistral,
  granite,
  glm,
  qwen3Coder,
  llama4,
  hermes,
  llama3,
  phi4,
  gemma3,
];

/** By the name of Ollama's parser if the model's config gives one, else by the template's text. */
export function familyOf(source: string, parser?: string): Family | undefined {
  const named = parser === undefined ? undefined : families.find((family) => family.parsers?.test(parser));
  return named ?? families.find((family) => family.matches(source));
}

/** How a model with this template calls tools. */
export function callFormatOf(template: { source?: string; toolTag?: string; family?: Family }): CallFormat {
  const { source = "", toolTag, family } = template;
  return family ? family.calls(source) : genericCalls(toolTag);
}
