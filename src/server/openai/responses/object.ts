/** The response object, from its first event to its last. */
import type { Item, ResponseBody } from "./wire.ts";

export interface ResponseHead {
  id: string;
  createdAt: number;
  body: ResponseBody;
  /** What holds for this request: its own word, the model's, or the default. */
  sampling: { temperature: number; topP: number; presencePenalty: number; frequencyPenalty: number };
  /** The tools that the model was offered. */
  tools: Item[];
  /** Whether a prompt that is too long is cut. */
  truncation: "auto" | "disabled";
}

export interface ResponseState {
  status: "in_progress" | "completed" | "incomplete" | "failed";
  output: Item[];
  usage?: object;
  completedAt?: number;
  error?: { code: string; message: string };
}

export type ResponseObject = { id: string; output: Item[] } & Record<string, unknown>;

/** Every field that OpenAI's clients may look at, null where there is nothing to say. */
export function responseObject(head: ResponseHead, state: ResponseState): ResponseObject {
  const { id, createdAt, body, sampling, tools, truncation } = head;
  const { status, output, usage, completedAt, error } = state;
  return {
    id,
    object: "response",
    created_at: createdAt,
    completed_at: completedAt ?? null,
    status,
    error: error ?? null,
    incomplete_details: status === "incomplete" ? { reason: "max_output_tokens" } : null,
    instructions: body.instructions ?? null,
    max_output_tokens: body.max_output_tokens ?? null,
    max_tool_calls: body.max_tool_calls ?? null,
    model: body.model,
    output,
    parallel_tool_calls: body.parallel_tool_calls,
    previous_response_id: body.previous_response_id ?? null,
    reasoning: { effort: body.reasoning?.effort ?? null, summary: body.reasoning?.summary ?? null },
    service_tier: "default",
    store: body.store,
    temperature: sampling.temperature,
    text: { format: body.text?.format ?? { type: "text" }, ...(body.text?.verbosity && { verbosity: body.text.verbosity }) },
    tool_choice: body.tool_choice ?? "auto",
    tools,
    top_logprobs: body.top_logprobs,
    top_p: sampling.topP,
    presence_penalty: sampling.presencePenalty,
    frequency_penalty: sampling.frequencyPenalty,
    truncation,
    background: false,
    usage: usage ?? null,
    user: body.user ?? null,
    safety_identifier: body.safety_identifier ?? null,
    prompt_cache_key: body.prompt_cache_key ?? null,
    metadata: body.metadata,
  };
}
