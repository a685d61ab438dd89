/** A GGUF's own Jinja template as a chat template. */
import { Failed, Invalid } from "../errors.ts";
import { type ArgumentsAs, jinjaMessages, jinjaTools, systemIntoUser, withTypedContent } from "./jinja-data.ts";
import { type JinjaProgram, jinjaProgram, strftime } from "./jinja-program.ts";
import type { ChatTemplate, Message, RenderInput } from "./types.ts";

export interface JinjaOptions {
  /** Texts of the special tokens; templates write them themselves. */
  bosText?: string;
  eosText?: string;
  /** More variables for the template, such as a request's `chat_template_kwargs`. */
  variables?: Record<string, unknown>;
}

/** Parses a template. Throws `Failed` naming the fault. */
export function jinjaTemplate(source: string, options: JinjaOptions = {}): ChatTemplate & { hasToolRoundTrip: boolean } {
  const program = jinjaProgram(source);
  const has = capabilities(source);
  const thinking = THINKING.find(({ open, close }) => source.includes(open) && source.includes(close)) ?? closeOnly(source);
  const toolTag = TOOL_TAGS.find((tag) => source.includes(tag));
  let argumentsAs: ArgumentsAs | undefined;
  return {
    kind: "jinja",
    source,
    supports: { tools: has.tools, thinking: has.thinking || thinking !== undefined, insert: false },
    hasToolRoundTrip: has.toolRoundTrip,
    ...(thinking && { thinking }),
    ...(has.tools && { toolTag: toolTag ?? "{" }),
    render: (input) => {
      argumentsAs ??= input.messages.some((message) => message.toolCalls?.length) ? probeArguments(program, options) : undefined;
      return render(program, input, options, argumentsAs ?? "object");
    },
  };
}

const THINKING = [
  { open: "<think>", close: "</think>" },
  { open: "[THINK]", close: "[/THINK]" },
  { open: "<|START_THINKING|>", close: "<|END_THINKING|>" },
  { open: "<seed:think>", close: "</seed:think>" },
];
const TOOL_TAGS = [
  "<tool_call>",
  "[TOOL_CALLS]",
  "<|python_tag|>",
  "<｜tool▁calls▁begin｜>",
  "<|tool_call_start|>",
  "<function_calls>",
];

/** Templates of models that always think need only know where thinking ended. */
function closeOnly(source: string): { open: string; close: string } | undefined {
  return source.includes("</think>") ? { open: "<think>", close: "</think>" } : undefined;
}

/** What a template's text says it can do: Ollama's rules, ollama-behaviour section 7.1. */
function capabilities(source: string): { tools: boolean; toolRoundTrip: boolean; thinking: boolean } {
  const tools = source.includes("tools") || source.includes("tool_call");
  const calls = source.includes("tool_calls") || source.includes("assistant_tool_call");
  const results = /tool_response|tool_results|role.{0,20}['"]tool['"]|ipython/.test(source);
  const splits =
    /split\(\s*['"]<\/think>['"]/.test(source) && !source.includes("reasoning_content") && !source.includes("<SPECIAL_12>");
  const thinking = (source.includes("<think>") && source.includes("</think>")) || splits;
  return { tools, toolRoundTrip: tools && calls && results, thinking };
}

function render(program: JinjaProgram, input: RenderInput, options: JinjaOptions, argumentsAs: ArgumentsAs): string {
  const messages = asMessages(input);
  const prefill = prefillOf(messages, input.addGenerationPrompt);
  const now = input.now ?? new Date();
  const run = (of: Message[]) => {
    const data = {
      ...variables(input, options, now),
      add_generation_prompt: prefill === undefined && input.addGenerationPrompt !== false,
    };
    const shaped = jinjaMessages(of, argumentsAs);
    try {
      return program.render({ ...data, messages: shaped }, now);
    } catch (error) {
      if (!(error instanceof Failed)) throw error;
      return orElse(() => program.render({ ...data, messages: withTypedContent(shaped) }, now), error);
    }
  };
  const text = attempt(run, messages);
  if (prefill === undefined) return text;
  // The template closed the turn: cut behind the words that the model is to go on from.
  const at = text.lastIndexOf(prefill.trim());
  return at < 0 ? text : text.slice(0, at) + prefill.trimStart();
}

/** The answer so far, when the conversation ends with one that the model is to continue. */
function prefillOf(messages: Message[], addGenerationPrompt: boolean | undefined): string | undefined {
  const last = messages.at(-1);
  if (addGenerationPrompt === true || last?.role !== "assistant" || last.toolCalls?.length || last.content.trim() === "")
    return undefined;
  return last.content;
}

/** The second way's text, or the first way's error. */
function orElse(second: () => string, first: unknown): string {
  try {
    return second();
  } catch {
    throw first;
  }
}

/** Renders; when the template refuses a system message, once more with its text in the first question. */
function attempt(run: (messages: Message[]) => string, messages: Message[]): string {
  try {
    return run(messages);
  } catch (error) {
    const hasSystem = messages.some((message) => message.role === "system");
    if (!(error instanceof Invalid) || !hasSystem || !/system/i.test(error.message)) throw error;
    return run(systemIntoUser(messages));
  }
}

function variables(input: RenderInput, options: JinjaOptions, now: Date): Record<string, unknown> {
  const level = typeof input.think === "string" ? input.think : undefined;
  return {
    bos_token: options.bosText ?? "",
    eos_token: options.eosText ?? "",
    date_string: strftime(now, "%d %b %Y"),
    ...(input.tools?.length && { tools: jinjaTools(input.tools) }),
    ...(input.think !== undefined && { enable_thinking: input.think !== false, thinking: input.think !== false }),
    ...(level && { reasoning_effort: level === "max" ? "high" : level }),
    ...options.variables,
  };
}

/** Which form of arguments this template can write: the one that shows up in what it renders. */
function probeArguments(program: JinjaProgram, options: JinjaOptions): ArgumentsAs {
  const call = { id: "call_123456789", function: { name: "probe", arguments: { needle: "found" } } };
  const messages: Message[] = [
    { role: "user", content: "?" },
    { role: "assistant", content: "", toolCalls: [call] },
  ];
  const works = (as: ArgumentsAs) => {
    try {
      const text = render(program, { messages, tools: [{ type: "function", function: { name: "probe" } }] }, options, as);
      return /"needle"\s*:\s*"found"|needle/.test(text) && !text.includes('\\"needle');
    } catch {
      return false;
    }
  };
  return works("object") || !works("text") ? "object" : "text";
}

function asMessages(input: RenderInput): Message[] {
  const messages = [...input.messages];
  if (input.system) messages.unshift({ role: "system", content: input.system });
  if (input.prompt) messages.push({ role: "user", content: input.prompt });
  return messages;
}
