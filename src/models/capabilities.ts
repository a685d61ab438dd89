/** What a model can do, from its config, its GGUF header and its templates. Rules and order as Ollama's. */
import type { Capability } from "../chat/types.ts";
import { modelNumber, textField } from "./gguf/fields.ts";
import type { GgufHeader } from "./gguf/types.ts";
import type { ModelConfig } from "./types.ts";

const KNOWN: readonly Capability[] = [
  "completion",
  "tools",
  "insert",
  "vision",
  "embedding",
  "thinking",
  "image",
  "audio",
  "rerank",
];

/** Ollama's parsers of models that do not think. */
const PLAIN_PARSERS = /^(?:passthrough|qwen3-coder|qwen3-vl-instruct|olmo3|functiongemma|gemma4-no-thinking|lfm2)$/;

/** Encoders have no text to give, whether or not their file names a pooling. */
const ENCODERS = /^(bert|nomic-bert|nomic-bert-moe|jina-bert-v2|jina-bert-v3|modern-bert|neo-bert|eurobert|t5encoder)$/;
/** llama.h's LLAMA_POOLING_TYPE_RANK. */
const RANK_POOLING = 4;

interface Parts {
  config: ModelConfig;
  header: GgufHeader | undefined;
  projectors: GgufHeader[];
  template: string | undefined;
}

/** Each capability once, in Ollama's order. */
export function capabilitiesOf({ config, header, projectors, template }: Parts): Capability[] {
  const found: Capability[] = [];
  for (const name of config.capabilities ?? []) {
    const known = KNOWN.find((capability) => capability === name);
    if (known) found.push(known);
  }
  if (header) found.push(...headerCapabilities(header));
  for (const projector of projectors) found.push(...projectorCapabilities(projector));
  if (template !== undefined) found.push(...goTemplateCapabilities(template));
  if (config.parser && config.parser !== "passthrough") found.push("tools");
  if (config.parser && !PLAIN_PARSERS.test(config.parser)) found.push("thinking");
  if (/^gpt-?oss/.test(config.model_family ?? "")) found.push("thinking");
  return [...new Set(found)];
}

function headerCapabilities(header: GgufHeader): Capability[] {
  const found: Capability[] = [];
  const jinja = textField(header, "tokenizer.chat_template");
  if (jinja !== undefined) {
    if (/tools|tool_call/.test(jinja) || textField(header, "tokenizer.chat_template.tool_use") !== undefined) found.push("tools");
    if (jinjaThinks(jinja)) found.push("thinking");
  }
  const pooling = modelNumber(header, "pooling_type");
  found.push(pooling !== undefined || ENCODERS.test(header.architecture) ? "embedding" : "completion");
  if (pooling === RANK_POOLING) found.push("rerank");
  if (modelNumber(header, "vision.block_count") !== undefined) found.push("vision");
  if (modelNumber(header, "audio.block_count") !== undefined) found.push("audio");
  return found;
}

const thinkingTags = [
  ["<think>", "</think>"],
  ["[THINK]", "[/THINK]"],
  ["<|START_THINKING|>", "<|END_THINKING|>"],
  ["<seed:think>", "</seed:think>"],
  ["<|channel|>analysis", "<|channel|>final"],
  ["<|channel>thought", "<channel|>"],
] as const;

/** A template thinks when it writes both tags, or when it cuts earlier thinking out of the history. */
function jinjaThinks(text: string): boolean {
  if (thinkingTags.some(([open, close]) => text.includes(open) && text.includes(close))) return true;
  return /split\(\s*['"]<\/think>['"]/.test(text) && !text.includes("reasoning_content") && !text.includes("<SPECIAL_12>");
}

function projectorCapabilities(header: GgufHeader): Capability[] {
  const audio = header.metadata.get("clip.has_audio_encoder") === true;
  const vision = header.metadata.get("clip.has_vision_encoder");
  return [
    ...(vision === true || (vision === undefined && !audio) ? ["vision" as const] : []),
    ...(audio ? ["audio" as const] : []),
  ];
}

function goTemplateCapabilities(text: string): Capability[] {
  const actions = (text.match(/\{\{[\s\S]*?\}\}/g) ?? []).join("\n");
  return [
    ...(/\.Tools\b/.test(actions) ? ["tools" as const] : []),
    ...(/\.Suffix\b/.test(actions) ? ["insert" as const] : []),
    ...(/\.Thinking\b/.test(actions) ? ["thinking" as const] : []),
  ];
}
