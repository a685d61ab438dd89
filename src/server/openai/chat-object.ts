/** A chat completion in one piece. */
import type { TokenLogprob } from "../../engine/protocol.ts";
import { truncationFields } from "../truncation.ts";
import { finishReason, type Head, type WireCall, wireCall } from "./chat-parts.ts";
import type { Choices } from "./choices.ts";
import { wireLogprobs } from "./logprobs.ts";
import { Usage } from "./usage.ts";

interface Gathered {
  content: string;
  reasoning: string;
  calls: WireCall[];
  logprobs: TokenLogprob[] | undefined;
  finish: string | null;
}

/** Reads all answers to their end. Throws what answering throws. */
export async function chatObject(choices: Choices, { count, ...head }: Head & { count: number }): Promise<object> {
  const answers = Array.from(
    { length: count },
    (): Gathered => ({ content: "", reasoning: "", calls: [], logprobs: undefined, finish: null }),
  );
  const usage = new Usage();
  let fields = {};
  for await (const { index, opened, event } of choices.events()) {
    const answer = answers[index];
    if (!answer) continue;
    if (event.type === "end") {
      answer.finish = finishReason(event, answer.calls.length > 0);
      usage.add(event, { again: index > 0 });
      fields = { ...fields, ...truncationFields(opened.truncation, event.finish), ...event.fields };
    } else {
      answer.content += event.content;
      answer.reasoning += event.thinking;
      for (const call of event.toolCalls) answer.calls.push(wireCall(call, answer.calls.length));
      if (event.logprobs) {
        answer.logprobs ??= [];
        answer.logprobs.push(...event.logprobs);
      }
    }
  }
  return {
    id: head.id,
    object: "chat.completion",
    created: head.created,
    model: head.model,
    system_fingerprint: "fp_ollama",
    choices: answers.map(choiceObject),
    usage: usage.completions(),
    ...fields,
  };
}

function choiceObject({ content, reasoning, calls, logprobs, finish }: Gathered, index: number): object {
  return {
    index,
    message: {
      role: "assistant",
      content: content === "" && calls.length > 0 ? null : content,
      refusal: null,
      ...(reasoning !== "" && { reasoning }),
      ...(calls.length > 0 && { tool_calls: calls }),
    },
    logprobs: logprobs ? { content: wireLogprobs(logprobs), refusal: null } : null,
    finish_reason: finish,
  };
}
