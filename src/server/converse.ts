/** The one path from an internal request to an answer. Every dialect translates to it and back; nothing here knows HTTP. */

import { outputParserFor, preservedTags } from "../chat/formats/index.ts";
import { goTemplate } from "../chat/go.ts";
import { grammarForFormat } from "../chat/grammar/format.ts";
import type { ChatTemplate, Message, OutputParser, RenderInput, Think, Tool } from "../chat/types.ts";
import type { GenerateRequest } from "../engine/protocol.ts";
import { Failed, Invalid, messageOf } from "../errors.ts";
import type { Model } from "../models/types.ts";
import type { Lease } from "../runtime/types.ts";
import { type AnswerEvent, answer } from "./answer.ts";
import type { Deps } from "./deps.ts";
import { type Held, hold } from "./hold.ts";
import { templateOf } from "./template.ts";

export type Input =
  | { kind: "messages"; messages: Message[]; tools: Tool[] }
  /** Fill in the middle. */
  | { kind: "insert"; prompt: string; suffix: string }
  /** Goes to the model as it is. */
  | { kind: "raw"; prompt: string };

export interface Conversation {
  model: Model;
  input: Input;
  /** Undefined where the model cannot think. */
  think: Think | undefined;
  format: unknown;
  options: Record<string, unknown>;
  keepAliveMs: number | undefined;
  truncate: boolean;
  shift: boolean | undefined;
  /** How many alternatives per token; undefined: no logprobs. */
  topLogprobs: number | undefined;
  /** Tokens of an earlier exchange, to go before the prompt. */
  context?: number[] | undefined;
  /** A Go template in place of the model's own. */
  template?: string | undefined;
  signal: AbortSignal;
}

/** What is known before the first token. */
export interface Opened extends Disposable {
  held: Held;
  /** The prompt as text. */
  rendered: string;
  prompt: number[];
  truncation: Truncation | undefined;
  /** To be read once, at most. */
  events(): AsyncGenerator<AnswerEvent>;
}

/** What did not fit. */
export interface Truncation {
  originalTokens: number;
  droppedMessages: number;
}

/** Gets hold of the model and writes the prompt. The caller disposes. */
export async function open(deps: Deps, request: Conversation): Promise<Opened> {
  const grammar = grammarForFormat(request.format);
  const held = await hold(deps, request.model, request);
  try {
    const template = pickTemplate(deps, request, held.lease);
    const { rendered, prompt, truncation } = await writePrompt(held.lease, template, request);
    const generate = generateRequest(held, request, prompt, grammar, template);
    return {
      held,
      rendered,
      prompt,
      truncation,
      events: () => answer(held.lease, { generate, parser: parserFor(template, request, rendered), signal: request.signal }),
      [Symbol.dispose]: () => held[Symbol.dispose](),
    };
  } catch (error) {
    held[Symbol.dispose]();
    throw error;
  }
}

function pickTemplate({ config }: Deps, { template, model }: Conversation, { info }: Lease): ChatTemplate {
  if (!template) return templateOf(model, config, info);
  try {
    return goTemplate(template);
  } catch (error) {
    throw new Failed(messageOf(error), { cause: error });
  }
}

async function writePrompt(lease: Lease, template: ChatTemplate, { input, think, context }: Conversation) {
  const rendered = input.kind === "raw" ? input.prompt : template.render(renderInput(input, think));
  const { bosText, addBos, vocabularySize } = lease.info;
  const text = addBos && bosText !== "" && rendered.startsWith(bosText) ? rendered.slice(bosText.length) : rendered;
  const tokens = await lease.tokenize(text, { addSpecial: context === undefined, parseSpecial: true });
  if (context?.some((token) => token < 0 || token >= vocabularySize))
    throw new Invalid("context holds tokens that are none of this model's");
  const prompt = context ? [...context, ...tokens] : tokens;
  const truncation: Truncation | undefined = undefined;
  return { rendered, prompt, truncation };
}

function renderInput(input: Exclude<Input, { kind: "raw" }>, think: Think | undefined): RenderInput {
  const thinking = think === undefined ? {} : { think };
  if (input.kind === "insert") return { messages: [], prompt: input.prompt, suffix: input.suffix, ...thinking };
  const { messages, tools } = input;
  return {
    messages,
    ...(tools.length > 0 && { tools }),
    ...thinking,
    addGenerationPrompt: messages.at(-1)?.role !== "assistant",
  };
}

/** Raw prompts get raw answers. */
function parserFor(template: ChatTemplate, { input, think }: Conversation, rendered: string): (() => OutputParser) | undefined {
  if (input.kind === "raw") return undefined;
  const tools = input.kind === "messages" ? input.tools : [];
  const promptEndsInThinking = template.thinking !== undefined && rendered.trimEnd().endsWith(template.thinking.open);
  return () => outputParserFor(template, { tools, think, promptEndsInThinking });
}

function generateRequest(
  { lease, options }: Held,
  { input, think, shift, topLogprobs }: Conversation,
  prompt: number[],
  grammar: string | undefined,
  template: ChatTemplate,
): GenerateRequest {
  const { contextLength } = lease;
  const thinks = think !== undefined && think !== false;
  return {
    prompt,
    contextLimit: contextLength,
    shift: (shift ?? true) && lease.info.canShift,
    keep: options.numKeep,
    // Ollama's bound on what is called unlimited.
    maxTokens: options.numPredict < 0 ? 10 * contextLength : options.numPredict,
    stop: options.stop,
    sampling: options.sampling,
    ...(grammar !== undefined && { grammar }),
    ...(grammar !== undefined && thinks && template.thinking && { grammarAfter: template.thinking.close }),
    ...(topLogprobs !== undefined && { topLogprobs }),
    ...(input.kind !== "raw" && { preserve: preservedTags(template) }),
  };
}
