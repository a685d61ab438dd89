/** Ties tool results to their calls. Clients send ids, names, or only the order; templates ask for any of them. */
import type { Family } from "./formats/family.ts";
import type { Message, ToolCall } from "./types.ts";

/** Every call gets an id of the family's form, and every result the name and id of its call. The input is left as it is. */
export function linkTools(messages: Message[], callId?: Family["callId"]): Message[] {
  let count = 0;
  /** Calls that wait for their result, under the ids that the client gave. */
  let open: { given: string | undefined; id: string; name: string }[] = [];
  return messages.map((message) => {
    if (message.role === "tool") {
      const found = callOf(message, open);
      if (!found) return message;
      open = open.filter((one) => one !== found);
      return { ...message, toolName: message.toolName || found.name, toolCallId: found.id };
    }
    if (!message.toolCalls?.length) return message;
    const toolCalls = message.toolCalls.map((call): ToolCall => {
      const { name } = call.function;
      const number = count++;
      const id = callId?.({ id: call.id ?? "", name, count: number }) ?? (call.id || `call_${number}`);
      open.push({ given: call.id, id, name });
      return { ...call, id };
    });
    return { ...message, toolCalls };
  });
}

/** By id, else the oldest of that name, else the oldest of all. */
function callOf({ toolCallId, toolName }: Message, open: { given: string | undefined; id: string; name: string }[]) {
  if (toolCallId) return open.find(({ given }) => given === toolCallId);
  return toolName ? open.find(({ name }) => name === toolName) : open[0];
}
