/** Rules about lists of messages that both kinds of template share. */
import type { Message } from "./types.ts";

/** Joins neighbours of one role with a blank line, tool messages excepted, and gathers the system texts. The input is left as it is. */
export function collate(messages: Message[]): { system: string; messages: Message[] } {
  const collated: Message[] = [];
  for (const message of messages) {
    const last = collated.at(-1);
    if (last && last.role === message.role && message.role !== "tool") collated.splice(-1, 1, merge(last, message));
    else collated.push(message);
  }
  const system = messages.filter((message) => message.role === "system").map((message) => message.content);
  return { system: system.join("\n\n"), messages: collated };
}

function merge(first: Message, second: Message): Message {
  const thinking = [first.thinking, second.thinking].filter(Boolean).join("\n\n");
  const images = [...(first.images ?? []), ...(second.images ?? [])];
  const toolCalls = [...(first.toolCalls ?? []), ...(second.toolCalls ?? [])];
  return {
    ...first,
    content: `${first.content}\n\n${second.content}`,
    ...(thinking && { thinking }),
    ...(images.length > 0 && { images }),
    ...(toolCalls.length > 0 && { toolCalls }),
  };
}

/** Removes `<think>…</think>` from answers before the last question: some families must not see old thoughts. */
export function withoutOldThinking(messages: Message[]): Message[] {
  const lastUser = messages.findLastIndex((message) => message.role === "user");
  return messages.map((message, index) => {
    if (message.role !== "assistant" || index >= lastUser) return message;
    return { ...message, content: message.content.replace(/<think>[\s\S]*?<\/think>\s*/g, "") };
  });
}
