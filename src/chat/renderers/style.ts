/** How a family lays a conversation out, for models whose files carry a renderer's name in place of a template. */
import type { Message, RenderInput, Tool, ToolCall } from "../types.ts";

export interface Style {
  /** Before everything. */
  start?: string;
  /** What stands around a turn's text; `open` alone begins the answer. Tool results are turns of the role that says so. */
  turn(role: string): { open: string; close: string };
  /** Tags around thinking. */
  thinking?: { open: string; close: string };
  /** What the answer begins with, by whether the model is to think. */
  begin?(think: boolean): string;
  /** The tools, with how to call them, for the system text. */
  tools(tools: Tool[]): string;
  /** All calls of one message. */
  calls(calls: ToolCall[]): string;
  /** Results that follow each other, and the role of the turn that holds them. */
  results(results: Message[]): { role: string; text: string };
}

/** The conversation as text, open for the answer or for the rest of one that was begun. */
export function renderStyle(style: Style, input: RenderInput): string {
  const messages = [...input.messages];
  if (input.system) messages.unshift({ role: "system", content: input.system });
  if (input.prompt) messages.push({ role: "user", content: input.prompt });
  const tools = input.tools?.length ? style.tools(input.tools) : "";
  const system = messages[0]?.role === "system" ? messages.shift()?.content : undefined;
  const preamble = [tools, system].filter(Boolean).join("\n\n");
  const turn = (role: string, text: string) => {
    const { open, close } = style.turn(role);
    return open + text + close;
  };
  let text = (style.start ?? "") + (preamble === "" ? "" : turn("system", preamble));
  // Old thoughts are not shown again, but those since the last question are: they lead to the next call.
  const question = messages.findLastIndex(({ role }) => role === "user");
  for (let index = 0; index < messages.length; ) {
    const message = messages[index];
    if (!message) break;
    if (message.role === "tool") {
      const end = messages.findIndex(({ role }, at) => at > index && role !== "tool");
      const { role, text: results } = style.results(messages.slice(index, end < 0 ? undefined : end));
      text += turn(role, results);
      index = end < 0 ? messages.length : end;
      continue;
    }
    index++;
    const { thinking } = style;
    const thought = thinking && message.thinking && index > question ? thinking.open + message.thinking + thinking.close : "";
    const body = thought + message.content;
    const last = index === messages.length && message.role === "assistant" && !message.toolCalls?.length;
    if (last && message.content.trim() !== "" && input.addGenerationPrompt !== true)
      return text + style.turn("assistant").open + body;
    text += turn(message.role, body + (message.toolCalls?.length ? style.calls(message.toolCalls) : ""));
  }
  if (input.addGenerationPrompt === false) return text;
  return text + style.turn("assistant").open + (style.begin?.(input.think !== undefined && input.think !== false) ?? "");
}

/** A tool as JSON, as most families are shown it. */
export function toolJson({ type, function: { name, description, parameters } }: Tool): string {
  const shown = { name, description: description ?? "", parameters: parameters ?? { type: "object", properties: {} } };
  return JSON.stringify({ type, function: shown });
}

/** A value where texts stand without quotes. */
export function plain(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}
