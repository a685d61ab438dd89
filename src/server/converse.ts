/** The one path from an internal request to an answer. Every dialect translates to it and back; nothing here knows HTTP. */
import { type Constraint, constraintFor, grammarStart } from "../chat/constrain.ts";
import { goTemplate } from "../chat/go.ts";
import { checkGrammar } from "../chat/grammar/check.ts";
import { forgetsThinking, type Prepared, prepareChat, prepareText, type Tokenizer } from "../chat/prompt.ts";
import { type ChosenTools, chooseTools, type ToolChoice } from "../chat/tool-choice.ts";
import type { ChatTemplate, Message, Think, Tool } from "../chat/types.ts";
import type { GenerateRequest } from "../engine/protocol.ts";
import { Failed, Invalid, messageOf } from "../errors.ts";
import type { Bench } from "../knowledge/plan.ts";
import { logger } from "../log.ts";
import { displayName } from "../models/name.ts";
import type { Model } from "../models/types.ts";
import type { Lease } from "../runtime/types.ts";
import { type AnswerEvent, answer } from "./answer.ts";
import type { Deps } from "./deps.ts";
import { type Held, hold } from "./hold.ts";
import { type InsertInput, insertPrompt } from "./insert.ts";
import type { AskedModel } from "./knowledge/asked.ts";
import { benchOf } from "./knowledge/bench.ts";
import { mostCharacters } from "./limits.ts";
import { templateOf } from "./template.ts";
import type { ThinkingBudget } from "./thinking-budget.ts";
import type { Truncation } from "./truncation.ts";

const log = logger("server");

export type Input =
  | { kind: "messages"; messages: Message[]; tools: Tool[] }
  /** Fill in the middle. */
  | ({ kind: "insert" } & InsertInput)
  /** Messages that depend on what fits: they are asked for when the model is at hand. */
  | { kind: "planned"; messages: (bench: Bench) => Promise<Message[]> }
  /** Goes to the model as it is. */
  | { kind: "raw"; prompt: string };

export interface Conversation {
  /** Answers from documents when it was asked for as a knowledge base. */
  model: AskedModel;
  input: Input;
  /** Undefined where the model cannot think. */
  think: Think | undefined;
  /** Most tokens to think for; undefined is no bound. */
  thinkingBudget?: number | undefined;
  /** Ollama's `format`: "json" or a JSON Schema. */
  format: unknown;
  /** Whether the answer may or must call tools; "auto" when absent. Bears on `messages` only. */
  toolChoice?: ToolChoice | undefined;
  /** False: one call at most. */
  parallelToolCalls?: boolean | undefined;
  options: Record<string, unknown>;
  keepAliveMs: number | undefined;
  /** False refuses a prompt that is too long. */
  truncate: boolean;
  /** Undefined: as the model prefers. */
  shift: boolean | undefined;
  /** How many alternatives per token; undefined: no logprobs. */
  topLogprobs: number | undefined;
  /** Logprobs of the prompt's tokens too. */
  promptLogprobs?: boolean;
  /** Tokens of an earlier exchange, to go before the prompt. */
  context?: number[] | undefined;
  /** A Go template in place of the model's own. */
  template?: string | undefined;
  signal: AbortSignal;
}

/** What is known before the first token. */
export interface Opened extends Disposable {
  /** Without a lease where no model was asked. */
  held: Pick<Held, "options" | "loadNs"> & Partial<Pick<Held, "lease">>;
  prepared: Pick<Prepared, "prompt" | "tokens" | "originalTokens">;
  /** What did not fit, if anything. */
  truncation: Truncation | undefined;
  /** To be read once, at most. */
  events(): AsyncGenerator<AnswerEvent>;
}

/** Gets hold of the model and writes the prompt. The caller disposes. */
export async function open(deps: Deps, conversation: Conversation): Promise<Opened> {
  const { asked } = conversation.model;
  if (!asked) return await openPlain(deps, conversation);
  // Loaded when it is first asked for: an idle server stays small.
  const { openFromDocuments } = await import("./knowledge/open.ts");
  return await openFromDocuments(deps, conversation, asked, openPlain);
}

async function openPlain(deps: Deps, conversation: Conversation): Promise<Opened> {
  const { request, chosen } = withChosenTools(conversation);
  let constraint = constraintOf(deps, request, chosen);
  const held = await hold(deps, request.model, {
    ...request,
    check(options) {
      if (options.grammar === undefined || (constraint && !constraint.begins)) return;
      checkGrammar(options.grammar);
      constraint = { grammar: options.grammar };
    },
  });
  try {
    const template = pickTemplate(deps, request, held.lease.info);
    const shift = shiftsByItself(deps, request) && held.lease.info.canShift;
    const prepared = await prepare(deps, request, held, { template, shift });
    if (prepared.tokens.length === 0) throw new Invalid("the prompt is empty: the model's template made nothing of the request");
    const generate = generateRequest(held, request, { prepared, template, shift, constraint });
    return {
      held,
      prepared,
      truncation: truncationOf(prepared, request.model),
      events: () =>
        answer(held.lease, {
          generate,
          parser: prepared.parser,
          signal: request.signal,
          budget: budgetOf(request, template, prepared),
        }),
      [Symbol.dispose]: () => held[Symbol.dispose](),
    };
  } catch (error) {
    held[Symbol.dispose]();
    throw error;
  }
}

/** The request with the tools that it may use. */
function withChosenTools(request: Conversation): { request: Conversation; chosen: ChosenTools } {
  if (request.input.kind !== "messages") return { request, chosen: chooseTools([]) };
  const chosen = chooseTools(request.input.tools, request.toolChoice);
  return { request: { ...request, input: { ...request.input, tools: chosen.tools } }, chosen };
}

/** Before the model is asked for, so that what cannot be enforced is refused at once. */
function constraintOf(deps: Deps, request: Conversation, chosen: ChosenTools): Constraint | undefined {
  const { format, parallelToolCalls: parallel = true } = request;
  return constraintFor({ ...chosen, format, parallel, template: pickTemplate(deps, request) });
}

/** Whether the window may forget its middle while the answer grows. Who wants errors on overflow must ask for it. */
function shiftsByItself({ config }: Deps, { shift, model }: Conversation): boolean {
  return shift ?? (config.onOverflow !== "error" && model.config.model_family !== "deepseek2");
}

function budgetOf(
  { think, thinkingBudget: tokens }: Conversation,
  { thinking }: ChatTemplate,
  { endsInThinking: startsInside }: Prepared,
): ThinkingBudget | undefined {
  if (tokens === undefined || think === undefined || think === false || !thinking) return undefined;
  return { tokens, ...thinking, startsInside };
}

function usesTools({ tools, messages }: Extract<Input, { kind: "messages" }>): boolean {
  return tools.length > 0 || messages.some(({ role, toolCalls }) => role === "tool" || toolCalls?.length);
}

function pickTemplate({ config }: Deps, { template, model, input }: Conversation, info?: Lease["info"]): ChatTemplate {
  if (!template) {
    const usual = templateOf(model, config, info);
    return (input.kind === "messages" && usesTools(input) && usual.withTools) || usual;
  }
  try {
    return goTemplate(template);
  } catch (error) {
    throw new Failed(messageOf(error), { cause: error });
  }
}

async function prepare(
  { config }: Deps,
  { input, think, truncate, context, model }: Conversation,
  held: Held,
  { template, shift }: { template: ChatTemplate; shift: boolean },
): Promise<Prepared> {
  const { lease, options } = held;
  const common = {
    template,
    think,
    tokenizer: tokenizerOf(lease, context),
    contextLength: lease.contextLength,
    overflow: { onOverflow: config.onOverflow, truncate, shift, keep: options.numKeep },
  };
  if (input.kind === "raw") return await prepareText({ ...common, prompt: input.prompt });
  if (input.kind === "insert") return await insertPrompt({ lease, model, maxTokens: options.numPredict }, input, common);
  const forgetThinking = forgetsThinking({ family: model.config.model_family, name: model.name.model });
  if (input.kind === "messages") return await prepareChat({ ...common, ...input, forgetThinking });
  const messages = await input.messages(benchOf(held, { ...common, forgetThinking }));
  return await prepareChat({ ...common, messages, forgetThinking });
}

/** An earlier exchange goes before the prompt as the tokens it was, so that what is cached of it stays good. */
function tokenizerOf(lease: Lease, context: number[] | undefined): Tokenizer {
  const { bosText, addBos, vocabularySize } = lease.info;
  const most = mostCharacters(lease.contextLength);
  const tokenize = async (text: string, addSpecial: boolean) => {
    if (text.length > most)
      throw new Invalid(
        `the prompt is too long: ${text.length} characters are far more than a context of ${lease.contextLength} tokens holds; shorten it, or raise num_ctx`,
        { code: "context_length_exceeded" },
      );
    return await lease.tokenize(text, { addSpecial });
  };
  if (!context) return { bosText, addBos, tokenize: async (text) => await tokenize(text, true) };
  if (context.some((token) => token < 0 || token >= vocabularySize))
    throw new Invalid("context or prompt holds numbers that are no tokens of this model");
  return {
    bosText,
    addBos,
    tokenize: async (text) => [...context, ...(await tokenize(text, false))],
  };
}

function generateRequest(
  { lease, options }: Held,
  { think, topLogprobs, promptLogprobs = false }: Conversation,
  wanted: { prepared: Prepared; template: ChatTemplate; shift: boolean; constraint: Constraint | undefined },
): GenerateRequest {
  const { prepared, template, shift, constraint } = wanted;
  const { endsInThinking } = prepared;
  return {
    prompt: prepared.tokens,
    contextLimit: lease.contextLength,
    shift,
    keep: options.numKeep,
    // Ollama's bound on what is called unlimited.
    maxTokens: options.numPredict < 0 ? 10 * lease.contextLength : options.numPredict,
    stop: [...options.stop, ...(prepared.stop ?? [])],
    sampling: options.sampling,
    preserve: prepared.preserve,
    ...(constraint && { grammar: constraint.grammar, ...grammarStart(constraint, { template, think, endsInThinking }) }),
    ...(topLogprobs !== undefined && { topLogprobs }),
    ...(promptLogprobs && { promptLogprobs }),
    ...(options.ignoreEos && { ignoreEos: true }),
  };
}

/** Nothing is left out in silence: the answer says so, and the log. */
function truncationOf(
  { originalTokens, droppedMessages, truncatedTokens, tokens }: Prepared,
  model: Model,
): Truncation | undefined {
  if (droppedMessages === 0 && truncatedTokens === 0) return undefined;
  log.warn("the prompt was cut to fit the context", {
    model: displayName(model.name),
    originalTokens,
    tokens: tokens.length,
    droppedMessages,
  });
  return { originalTokens, keptTokens: tokens.length, droppedMessages };
}
