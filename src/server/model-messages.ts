/** What a model brings to every conversation. */
import type { Message } from "../chat/types.ts";
import type { Model } from "../models/types.ts";

/** The model's own messages go first, and its system text unless the client brings one. */
export function withModelMessages({ system, messages: own }: Model, messages: Message[]): Message[] {
  const all = [...own, ...messages];
  return system && messages[0]?.role !== "system" ? [{ role: "system", content: system }, ...all] : all;
}
