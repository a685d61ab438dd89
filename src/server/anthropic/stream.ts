/** An answer as Anthropic's events: a message that starts, its blocks one after the other, and how it ended. */
import type { Opened } from "../converse.ts";
import type { ServerSentEvent } from "../sse.ts";
import { truncationFields } from "../truncation.ts";
import { type Addition, additionsOf, signatureOf, stopOf, usageOf } from "./answer.ts";
import { hexId } from "./errors.ts";
import type { MessagesBody } from "./wire.ts";

/** Every event has its type as its name too. */
function event(data: { type: string; [field: string]: unknown }): ServerSentEvent {
  return { event: data.type, data };
}

export const PING = event({ type: "ping" });

/** The model is let go at the end, however it ends. */
export async function* messageEvents(opened: Opened, body: MessagesBody): AsyncGenerator<ServerSentEvent> {
  using _ = opened;
  yield event({ type: "message_start", message: startOf(opened, body) });
  yield PING;
  const blocks = new BlockWriter();
  for await (const part of opened.events()) {
    if (part.type === "part") {
      for (const addition of additionsOf(part)) yield* blocks.add(addition);
      continue;
    }
    yield* blocks.close();
    yield event({
      type: "message_delta",
      delta: stopOf(part, body, blocks.hasCalls),
      usage: usageOf(part),
      ...truncationFields(undefined, part.finish),
      ...part.fields,
    });
    yield event({ type: "message_stop" });
  }
}

/** The message before its first word. How much of the prompt is in the cache is known only at the end. */
function startOf({ prepared, truncation }: Opened, { model }: MessagesBody): object {
  return {
    id: `msg_${hexId()}`,
    type: "message",
    role: "assistant",
    model,
    content: [],
    stop_reason: null,
    stop_sequence: null,
    usage: {
      input_tokens: prepared.tokens.length,
      cache_creation_input_tokens: 0,
      cache_read_input_tokens: 0,
      output_tokens: 0,
    },
    ...truncationFields(truncation),
  };
}

/** Opens a block where the kind of content changes, and closes the one before. */
class BlockWriter {
  hasCalls = false;
  #index = -1;
  #open: "thinking" | "text" | undefined;
  #thinking = "";

  *add(addition: Addition): Generator<ServerSentEvent> {
    if (addition.type === "tool_use") {
      yield* this.close();
      const { input, ...call } = addition;
      this.hasCalls = true;
      yield this.#start({ ...call, input: {} });
      yield this.#delta({ type: "input_json_delta", partial_json: JSON.stringify(input) });
      yield this.#stop();
      return;
    }
    const { type, text } = addition;
    if (this.#open !== type) {
      yield* this.close();
      this.#open = type;
      yield this.#start(type === "text" ? { type, text: "" } : { type, thinking: "", signature: "" });
    }
    if (type === "thinking") this.#thinking += text;
    yield this.#delta(type === "text" ? { type: "text_delta", text } : { type: "thinking_delta", thinking: text });
  }

  *close(): Generator<ServerSentEvent> {
    if (this.#open === undefined) return;
    if (this.#open === "thinking") yield this.#delta({ type: "signature_delta", signature: signatureOf(this.#thinking) });
    this.#open = undefined;
    this.#thinking = "";
    yield this.#stop();
  }

  #start(block: object): ServerSentEvent {
    return event({ type: "content_block_start", index: ++this.#index, content_block: block });
  }

  #delta(delta: object): ServerSentEvent {
    return event({ type: "content_block_delta", index: this.#index, delta });
  }

  #stop(): ServerSentEvent {
    return event({ type: "content_block_stop", index: this.#index });
  }
}
