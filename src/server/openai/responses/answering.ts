/** A response while it is made: its events in OpenAI's order, and the object that the last of them carries. */
import { messageOf, PunaError } from "../../../errors.ts";
import type { AnswerEvent } from "../../answer.ts";
import type { Opened } from "../../converse.ts";
import { logUnknown } from "../../respond.ts";
import type { ServerSentEvent } from "../../sse.ts";
import { truncationFields } from "../../truncation.ts";
import { nowSeconds } from "../ids.ts";
import { Usage } from "../usage.ts";
import { type ResponseHead, type ResponseObject, responseObject } from "./object.ts";
import { Output, type OutputEvent } from "./output.ts";

type End = Extract<AnswerEvent, { type: "end" }>;

export interface AnsweringOptions {
  opened: Opened;
  head: ResponseHead;
  /** Gets the response when it has ended well, before its last event goes out. */
  keep: (response: ResponseObject) => void;
}

/** To be read once, in one of the two ways. The model is let go at the end. */
export class Answering {
  readonly #options: AnsweringOptions;
  readonly #output: Output;

  constructor(options: AnsweringOptions) {
    this.#options = options;
    this.#output = new Output({ withThoughts: options.head.body.include.includes("reasoning.encrypted_content") });
  }

  /** The whole. Throws what answering throws. */
  async response(): Promise<ResponseObject> {
    let ended: ResponseObject | undefined;
    for await (const event of this.#events()) if (event.ended) ended = event.ended;
    if (!ended) throw new Error("an answer ended without an end");
    return ended;
  }

  /** Numbered events. Never throws: the last is `response.completed`, `.incomplete` or `.failed`. */
  async *stream(): AsyncGenerator<ServerSentEvent> {
    let sequence = 0;
    const numbered = (event: OutputEvent) => ({ event: event.type, data: { ...event, sequence_number: sequence++ } });
    try {
      for await (const { ended: _, ...event } of this.#events()) yield numbered(event);
    } catch (error) {
      logUnknown(error);
      for (const event of this.#output.close("incomplete")) yield numbered(event);
      yield numbered({ type: "response.failed", response: this.#failed(error) });
    }
  }

  async *#events(): AsyncGenerator<OutputEvent & { ended?: ResponseObject }> {
    using opened = this.#options.opened;
    const begun = responseObject(this.#options.head, { status: "in_progress", output: [] });
    yield { type: "response.created", response: begun };
    yield { type: "response.in_progress", response: begun };
    for await (const event of opened.events()) {
      if (event.type === "part") yield* this.#output.push(event);
      else {
        const status = event.reason === "stop" ? "completed" : "incomplete";
        yield* this.#output.close(status);
        const response = this.#ended(event, status);
        this.#options.keep(response);
        yield { type: `response.${status}`, response, ended: response };
      }
    }
  }

  #ended(end: End, status: "completed" | "incomplete"): ResponseObject {
    const { head, opened } = this.#options;
    const usage = new Usage();
    usage.add(end);
    const response = responseObject(head, {
      status,
      output: this.#output.items,
      usage: usage.responses(),
      ...(status === "completed" && { completedAt: nowSeconds() }),
    });
    return { ...response, ...truncationFields(opened.truncation, end.finish), ...end.fields };
  }

  #failed(error: unknown): ResponseObject {
    const code = (error instanceof PunaError ? error.code : undefined) ?? "server_error";
    const output = this.#output.items;
    return responseObject(this.#options.head, { status: "failed", output, error: { code, message: messageOf(error) } });
  }
}
