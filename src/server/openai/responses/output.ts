/** The items of a response as they grow, and the events that tell of it in OpenAI's order. */
import type { ToolCall } from "../../../chat/types.ts";
import type { AnswerEvent } from "../../answer.ts";
import { newId } from "../ids.ts";
import { type WireLogprob, wireLogprobs } from "../logprobs.ts";
import type { Item } from "./wire.ts";

export type Status = "in_progress" | "completed" | "incomplete";
export type OutputEvent = { type: string } & Record<string, unknown>;
type Part = Extract<AnswerEvent, { type: "part" }>;

/** The item that is being written. */
interface Growing {
  kind: "reasoning" | "message";
  id: string;
  text: string;
  logprobs: WireLogprob[];
}

export class Output {
  /** What is finished. */
  readonly items: Item[] = [];
  #growing: Growing | undefined;
  readonly #waiting: WireLogprob[] = [];
  readonly #withThoughts: boolean;

  /** `withThoughts`: a reasoning item also carries its whole text for clients that keep the conversation themselves. */
  constructor({ withThoughts }: { withThoughts: boolean }) {
    this.#withThoughts = withThoughts;
  }

  *push({ thinking, content, toolCalls, logprobs = [] }: Part): Generator<OutputEvent> {
    if (thinking !== "") yield* this.#think(thinking);
    // Tokens whose text comes later are told of with that text.
    else this.#waiting.push(...wireLogprobs(logprobs));
    if (content !== "") yield* this.#say(content, this.#waiting.splice(0));
    for (const call of toolCalls) yield* this.#call(call);
  }

  /** Ends what is being written. */
  *close(status: Status = "completed"): Generator<OutputEvent> {
    const growing = this.#growing;
    if (!growing) return;
    this.#growing = undefined;
    const { id, text } = growing;
    const at = { item_id: id, output_index: this.items.length };
    if (growing.kind === "reasoning") {
      const part = { type: "summary_text", text };
      yield { type: "response.reasoning_summary_text.done", ...at, summary_index: 0, text };
      yield { type: "response.reasoning_summary_part.done", ...at, summary_index: 0, part };
    } else {
      const { logprobs } = growing;
      const part = { type: "output_text", text, annotations: [], logprobs };
      yield { type: "response.output_text.done", ...at, content_index: 0, text, logprobs };
      yield { type: "response.content_part.done", ...at, content_index: 0, part };
    }
    yield* this.#finish(this.#itemOf(growing, status));
  }

  *#think(text: string): Generator<OutputEvent> {
    if (this.#growing?.kind !== "reasoning") {
      yield* this.close();
      const at = yield* this.#begin("reasoning", "rs_");
      yield { type: "response.reasoning_summary_part.added", ...at, summary_index: 0, part: { type: "summary_text", text: "" } };
    }
    const at = this.#grow(text);
    yield { type: "response.reasoning_summary_text.delta", ...at, summary_index: 0, delta: text };
  }

  *#say(text: string, logprobs: WireLogprob[]): Generator<OutputEvent> {
    if (this.#growing?.kind !== "message") {
      yield* this.close();
      const at = yield* this.#begin("message", "msg_");
      const part = { type: "output_text", text: "", annotations: [], logprobs: [] };
      yield { type: "response.content_part.added", ...at, content_index: 0, part };
    }
    const at = this.#grow(text, logprobs);
    yield { type: "response.output_text.delta", ...at, content_index: 0, delta: text, logprobs };
  }

  *#call({ id: callId = newId("call_"), function: { name, arguments: given } }: ToolCall): Generator<OutputEvent> {
    yield* this.close();
    const id = newId("fc_");
    const text = JSON.stringify(given);
    const item = { id, type: "function_call", call_id: callId, name };
    const at = { item_id: id, output_index: this.items.length };
    yield {
      type: "response.output_item.added",
      output_index: this.items.length,
      item: { ...item, arguments: "", status: "in_progress" },
    };
    yield { type: "response.function_call_arguments.delta", ...at, delta: text };
    yield { type: "response.function_call_arguments.done", ...at, name, arguments: text };
    yield* this.#finish({ ...item, arguments: text, status: "completed" });
  }

  *#begin(kind: Growing["kind"], prefix: string): Generator<OutputEvent, { item_id: string; output_index: number }> {
    this.#growing = { kind, id: newId(prefix), text: "", logprobs: [] };
    const item = this.#itemOf(this.#growing, "in_progress");
    yield { type: "response.output_item.added", output_index: this.items.length, item };
    return { item_id: this.#growing.id, output_index: this.items.length };
  }

  #grow(text: string, logprobs: WireLogprob[] = []): { item_id: string; output_index: number } {
    if (this.#growing) {
      this.#growing.text += text;
      this.#growing.logprobs.push(...logprobs);
    }
    return { item_id: this.#growing?.id ?? "", output_index: this.items.length };
  }

  *#finish(item: Item): Generator<OutputEvent> {
    yield { type: "response.output_item.done", output_index: this.items.length, item };
    this.items.push(item);
  }

  #itemOf({ kind, id, text, logprobs }: Growing, status: Status): Item {
    const begun = status !== "in_progress";
    if (kind === "message") {
      const content = begun ? [{ type: "output_text", text, annotations: [], logprobs }] : [];
      return { id, type: "message", status, role: "assistant", content };
    }
    const summary = begun ? [{ type: "summary_text", text }] : [];
    return { id, type: "reasoning", status, summary, ...(begun && this.#withThoughts && { encrypted_content: text }) };
  }
}
