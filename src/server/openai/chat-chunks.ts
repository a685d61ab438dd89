/** A chat completion as a stream of chunks. */
import type { TokenLogprob } from "../../engine/protocol.ts";
import type { AnswerEvent } from "../answer.ts";
import { DONE, type ServerSentEvent } from "../sse.ts";
import { truncationFields } from "../truncation.ts";
import { finishReason, type Head, wireCall } from "./chat-parts.ts";
import type { Choices } from "./choices.ts";
import { wireLogprobs } from "./logprobs.ts";
import { Usage } from "./usage.ts";

type Part = Extract<AnswerEvent, { type: "part" }>;

/** The chunks of all choices as they come, the usage where it was asked for, and the last word. */
export async function* chatChunks(
  choices: Choices,
  { usage: wantsUsage, ...head }: Head & { usage: boolean },
): AsyncGenerator<ServerSentEvent> {
  const usage = new Usage();
  const calls = new Map<number, number>();
  const begun = new Set<number>();
  const chunk = (choice: object[], more: object = {}): ServerSentEvent => ({
    data: {
      id: head.id,
      object: "chat.completion.chunk",
      created: head.created,
      model: head.model,
      system_fingerprint: "fp_ollama",
      choices: choice,
      ...more,
    },
  });
  /** The first chunk of each choice says whose words they are. */
  const role = (index: number) => {
    if (begun.has(index)) return {};
    begun.add(index);
    return { role: "assistant", content: "" };
  };
  for await (const { index, opened, event } of choices.events()) {
    if (event.type === "end") {
      usage.add(event, { again: index > 0 });
      const choice = { index, delta: role(index), logprobs: null, finish_reason: finishReason(event, calls.has(index)) };
      yield chunk([choice], { ...truncationFields(opened.truncation, event.finish), ...event.fields });
      continue;
    }
    const { logprobs, ...part } = event;
    const deltas = deltasOf(part, calls.get(index) ?? 0);
    if (part.toolCalls.length > 0) calls.set(index, (calls.get(index) ?? 0) + part.toolCalls.length);
    for (const [at, delta] of deltas.entries())
      yield chunk([
        { index, delta: { ...role(index), ...delta }, logprobs: at === 0 ? wire(logprobs) : null, finish_reason: null },
      ]);
  }
  if (wantsUsage) yield chunk([], { usage: usage.completions() });
  yield DONE;
}

/** Thinking first, then content, then calls: clients expect one of them at a time. */
function deltasOf({ thinking, content, toolCalls }: Omit<Part, "logprobs">, called: number): object[] {
  const deltas: object[] = [];
  if (thinking !== "") deltas.push({ reasoning: thinking });
  if (content !== "") deltas.push({ content });
  if (toolCalls.length > 0) deltas.push({ tool_calls: toolCalls.map((call, at) => wireCall(call, called + at)) });
  // Logprobs of tokens that gave no text.
  return deltas.length > 0 ? deltas : [{}];
}

function wire(logprobs: TokenLogprob[] | undefined): object | null {
  return logprobs ? { content: wireLogprobs(logprobs), refusal: null } : null;
}
