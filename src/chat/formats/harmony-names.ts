/** gpt-oss sees tools as TypeScript functions, so their names must be identifiers: there and back. Rules: ollama-behaviour section 7.8. */
import type { Message, Tool } from "../types.ts";

/** Tools of its own keep their names. */
const BUILT_IN = /^(?:browser\.(?:search|open|find)|python)$/;

export interface Renaming {
  tools: Tool[];
  messages: Message[];
  /** The name that the client knows. */
  original(name: string): string;
}

export function asIdentifiers(tools: Tool[], messages: Message[]): Renaming {
  const there = new Map<string, string>();
  const back = new Map<string, string>();
  const renamed = (name: string): string => {
    const known = there.get(name);
    if (known !== undefined) return known;
    const base = BUILT_IN.test(name) ? name : identifier(name);
    let unique = base;
    for (let count = 2; back.has(unique); count++) unique = `${base}_${count}`;
    there.set(name, unique);
    back.set(unique, name);
    return unique;
  };
  return {
    tools: tools.map((tool) => ({ ...tool, function: { ...tool.function, name: renamed(tool.function.name) } })),
    messages: messages.map((message) => ({
      ...message,
      ...(message.toolName && { toolName: renamed(message.toolName) }),
      ...(message.toolCalls && {
        toolCalls: message.toolCalls.map((call) => ({
          ...call,
          function: { ...call.function, name: renamed(call.function.name) },
        })),
      }),
    })),
    original: (name) => back.get(name) ?? name,
  };
}

function identifier(name: string): string {
  const word = name.replace(/[\s.-]/g, "_").replace(/[^\p{L}\p{N}_$]/gu, "");
  return /^\p{N}/u.test(word) || word === "" ? `_${word}` : word;
}
