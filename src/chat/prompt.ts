/** The front door: from a request's messages to the tokens of its prompt, and the parser for what comes back. */
import { type Fitted, fitMessages, fitPrompt, type Overflow } from "./fit.ts";
import { asIdentifiers } from "./formats/harmony-names.ts";
import { outputParserFor, preservedTags } from "./formats/index.ts";
import { withoutOldThinking } from "./messages.ts";
import type { ChatTemplate, Message, OutputParser, Piece, RenderInput, Think, Tool } from "./types.ts";

/** What the loaded model's tokenizer does, as `RunnerInfo` says it. */
export interface Tokenizer {
  /** Text of the token that begins every prompt, and whether the tokenizer puts it there. */
  bosText: string;
  addBos: boolean;
  tokenize(text: string): Promise<number[]>;
}

interface Common {
  template: ChatTemplate;
  tokenizer: Tokenizer;
  contextLength: number;
  overflow: Overflow;
  think?: Think | undefined;
  /** Fixed by tests. */
  now?: Date | undefined;
}

export interface ChatRequest extends Common {
  messages: Message[];
  tools?: Tool[] | undefined;
  /** See `forgetsThinking`. */
  forgetThinking?: boolean | undefined;
}

export interface Prepared extends Fitted {
  /** A fresh parser for one answer. */
  parser: () => OutputParser;
  /** Tags that must come through as text. */
  preserve: string[];
  /** Text that ends the answer, besides what the request says. */
  stop?: string[];
  /** The answer begins inside thinking. */
  endsInThinking: boolean;
}

/** Writes a conversation down and fits it. Throws what the template throws, and Invalid when it does not fit. */
export async function prepareChat(request: ChatRequest): Promise<Prepared> {
  const { template, tools, think, tokenizer, contextLength, overflow, now } = request;
  const remembered = request.forgetThinking ? withoutOldThinking(request.messages) : request.messages;
  const renamed = template.family?.channels ? asIdentifiers(tools ?? [], remembered) : undefined;
  const messages = renamed?.messages ?? remembered;
  const shown = renamed?.tools ?? tools;
  const render = (some: Message[]) => {
    const input: RenderInput = { messages: some };
    if (shown?.length) input.tools = shown;
    if (think !== undefined) input.think = think;
    if (now) input.now = now;
    return withoutBos(template.render(input), tokenizer);
  };
  const fitted = await fitMessages({
    messages,
    render,
    tokenize: tokenizer.tokenize,
    contextLength,
    overflow: withBos(overflow, tokenizer),
  });
  const endsInThinking = endsOpen(fitted.prompt, template);
  return {
    ...fitted,
    endsInThinking,
    preserve: preservedTags(template, { tools, think }),
    parser() {
      const { prompt } = fitted;
      const parser = outputParserFor(template, { tools: shown, think, promptEndsInThinking: endsInThinking, prompt });
      return renamed ? withNames(parser, renamed.original) : parser;
    },
  };
}

/** The parser with the calls' names as the client knows them. */
function withNames(parser: OutputParser, original: (name: string) => string): OutputParser {
  const rename = (pieces: Piece[]) => {
    for (const piece of pieces) if (piece.type === "tool") piece.call.function.name = original(piece.call.function.name);
    return pieces;
  };
  return { push: (text) => rename(parser.push(text)), end: () => rename(parser.end()) };
}

/** Fills the gap between a prompt and a suffix. Everything that comes back is content. */
export async function prepareInsert(request: Common & { prompt: string; suffix: string }): Promise<Prepared> {
  const { template, prompt, suffix, think, now, tokenizer } = request;
  const input: RenderInput = { messages: [], prompt, suffix };
  if (think !== undefined) input.think = think;
  if (now) input.now = now;
  return prepareText({ ...request, prompt: withoutBos(template.render(input), tokenizer) });
}

/** A prompt that goes to the model as it is. Everything that comes back is content. */
export async function prepareText(
  request: Pick<Common, "tokenizer" | "contextLength" | "overflow"> & { prompt: string },
): Promise<Prepared> {
  const { prompt, tokenizer, contextLength, overflow } = request;
  const fitted = await fitPrompt({ prompt, tokenize: tokenizer.tokenize, contextLength, overflow: withBos(overflow, tokenizer) });
  return { ...fitted, endsInThinking: false, preserve: [], parser: () => outputParserFor({}, {}) };
}

/** Models whose templates must not see old thoughts that clients send back inside the content: Ollama's list. */
export function forgetsThinking(model: { family?: string | undefined; name: string }): boolean {
  return model.family === "qwen3" || model.name === "deepseek-r1";
}

/** The tokenizer adds the first token itself; two of them confuse a model. */
function withoutBos(text: string, { bosText, addBos }: Tokenizer): string {
  return addBos && bosText !== "" && text.startsWith(bosText) ? text.slice(bosText.length) : text;
}

/** The tokens that a cut keeps are the user's number and the first token. */
function withBos(overflow: Overflow, { addBos }: Tokenizer): Overflow {
  return addBos && overflow.keep >= 0 ? { ...overflow, keep: overflow.keep + 1 } : overflow;
}

function endsOpen(prompt: string, { thinking }: ChatTemplate): boolean {
  return thinking !== undefined && prompt.trimEnd().endsWith(thinking.open);
}
