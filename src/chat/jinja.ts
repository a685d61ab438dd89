/** A GGUF's own Jinja template as a chat template. */
import { Failed, Invalid } from "../errors.ts";
import { familyOf } from "./formats/families.ts";
import type { Family } from "./formats/family.ts";
import { type CallStyle, jinjaMessages, jinjaTools, systemIntoUser, withToolText, withTypedContent } from "./jinja-data.ts";
import { type JinjaProgram, jinjaProgram, strftime } from "./jinja-program.ts";
import { linkTools } from "./tool-links.ts";
import type { ChatTemplate, Message, RenderInput } from "./types.ts";

export interface JinjaOptions {
  /** Texts of the special tokens; templates write them themselves. */
  bosText?: string;
  eosText?: string;
  /** The name of Ollama's parser in the model's config. */
  parser?: string | undefined;
  /** More variables for the template, such as a request's `chat_template_kwargs`. */
  variables?: Record<string, unknown>;
}

/** Parses a template. Throws `Failed` naming the fault. */
export function jinjaTemplate(source: string, options: JinjaOptions = {}): ChatTemplate & { hasToolRoundTrip: boolean } {
  const program = jinjaProgram(source);
  const has = capabilities(source);
  const family = familyOf(source, options.parser);
  const thinking =
    THINKING.find(({ open, close }) => source.includes(open) && source.includes(close)) ??
    (has.thinking ? THINKING[0] : thinkingOf(family, source));
  const toolTag = TOOL_TAGS.find((tag) => source.includes(tag));
  let style: CallStyle | undefined;
  return {
    kind: "jinja",
    source,
    supports: { tools: has.tools, thinking: thinking !== undefined && thinking !== COHERE, insert: false },
    hasToolRoundTrip: has.toolRoundTrip,
    ...(thinking && { thinking }),
    ...(has.tools && { toolTag: toolTag ?? "{" }),
    ...(family && { family }),
    render: (input) => {
      if (input.messages.some((message) => message.toolCalls?.length)) style ??= probeStyle(program, options);
      const messages = withToolText(source, linkTools(input.messages, family?.callId), input.tools);
      return render(program, { ...input, messages }, options, style ?? STYLES[0]);
    },
  };
}

/** A family's own tags, where the template knows them. */
function thinkingOf(family: Family | undefined, source: string): Family["thinking"] {
  return family?.channels || (family?.thinking && source.includes(family.thinking.open)) ? family.thinking : undefined;
}

/** Split off where it occurs, but no reason to prefer this template to a Go template: Ollama does not count it either. */
const COHERE = { open: "<|START_THINKING|>", close: "<|END_THINKING|>" };
const THINKING = [
  { open: "<think>", close: "</think>" },
  { open: "[THINK]", close: "[/THINK]" },
  { open: "<seed:think>", close: "</seed:think>" },
  COHERE,
];
const TOOL_TAGS = [
  "<tool_call>",
  "[TOOL_CALLS]",
  "<|python_tag|>",
  "<｜tool▁calls▁begin｜>",
  "<|tool_call_start|>",
  "<function_calls>",
  "<|tool_call|>",
  "<|START_ACTION|>",
  "<|python_start|>",
  "<toolcall>",
  "functools",
];

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

function render(program: JinjaProgram, input: RenderInput, options: JinjaOptions, style: CallStyle): string {
  const messages = asMessages(input);
  const prefill = prefillOf(messages, input.addGenerationPrompt);
  const now = input.now ?? new Date();
  const run = (of: Message[]) => {
    const data = {
      ...variables(input, options, now),
      add_generation_prompt: prefill === undefined && input.addGenerationPrompt !== false,
    };
    const shaped = jinjaMessages(of, style);
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

/** Renders; when the template refuses the conversation and there is a system message, once more with its text in the first question. */
function attempt(run: (messages: Message[]) => string, messages: Message[]): string {
  try {
    return run(messages);
  } catch (error) {
    if (!(error instanceof Invalid) || !messages.some((message) => message.role === "system")) throw error;
    return orElse(() => run(systemIntoUser(messages)), error);
  }
}

function variables(input: RenderInput, options: JinjaOptions, now: Date): Record<string, unknown> {
  const level = typeof input.think === "string" ? input.think : undefined;
  return {
    bos_token: options.bosText ?? "",
    eos_token: options.eosText ?? "",
    date_string: strftime(now, "%d %b %Y"),
    ...(input.tools?.length && { tools: jinjaTools(input.tools) }),
    ...(input.think !== undefined && thinkingSwitches(input.think !== false)),
    ...(level && { reasoning_effort: level === "max" ? "high" : level }),
    ...options.variables,
  };
}

/** Every vendor has a name of its own for it: Qwen and GLM, DeepSeek and Granite, Cohere. */
function thinkingSwitches(on: boolean): Record<string, boolean> {
  return { enable_thinking: on, thinking: on, reasoning: on };
}

const STYLES: [CallStyle, ...CallStyle[]] = [
  { arguments: "object", emptyContent: "" },
  { arguments: "text", emptyContent: "" },
  { arguments: "object", emptyContent: null },
  { arguments: "text", emptyContent: null },
];

/** The first style whose call shows up, unquoted, in what the template renders. */
function probeStyle(program: JinjaProgram, options: JinjaOptions): CallStyle {
  const call = { id: "call12345", function: { name: "probe", arguments: { needle: "found" } } };
  const messages: Message[] = [
    { role: "user", content: "?" },
    { role: "assistant", content: "", toolCalls: [call] },
    { role: "tool", content: "!", toolName: "probe", toolCallId: "call12345" },
  ];
  const works = (style: CallStyle) => {
    try {
      const text = render(program, { messages, tools: [{ type: "function", function: { name: "probe" } }] }, options, style);
      return text.includes("needle") && !text.includes('\\"needle');
    } catch {
      return false;
    }
  };
  return STYLES.find(works) ?? STYLES[0];
}

function asMessages(input: RenderInput): Message[] {
  const messages = [...input.messages];
  if (input.system) messages.unshift({ role: "system", content: input.system });
  if (input.prompt) messages.push({ role: "user", content: input.prompt });
  return messages;
}
