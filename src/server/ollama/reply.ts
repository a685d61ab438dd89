/** What generate and chat have in common: parts in a stream or gathered in one object, and the end with its numbers. */
import type { Context } from "hono";
import type { ToolCall } from "../../chat/types.ts";
import type { TokenLogprob } from "../../engine/protocol.ts";
import type { AnswerEvent } from "../answer.ts";
import type { Opened } from "../converse.ts";
import { metrics } from "../metrics.ts";
import { json, ndjson } from "../respond.ts";
import { nowUtc } from "../time.ts";
import { announceTruncation, truncationFields } from "../truncation.ts";
import { wireLogprobs } from "./logprobs.ts";

export interface Part {
  content: string;
  thinking: string;
  toolCalls: ToolCall[];
}

export interface ReplyOptions {
  /** As the client wrote it. */
  model: string;
  stream: boolean;
  startedMs: number;
  /** The endpoint's own field, such as `response` or `message`. */
  show: (part: Part) => Record<string, unknown>;
  /** More fields for the last object. */
  last?: (end: Extract<AnswerEvent, { type: "end" }>) => Record<string, unknown>;
}

/** Streams or gathers an answer; the model is let go at its end, however it ends. */
export async function reply(c: Context, opened: Opened, options: ReplyOptions): Promise<Response> {
  announceTruncation(c, opened.truncation);
  if (options.stream) return await ndjson(c, lines(opened, options));
  let whole: Part = { content: "", thinking: "", toolCalls: [] };
  const logprobs: TokenLogprob[] = [];
  using _ = opened;
  for await (const event of opened.events()) {
    if (event.type === "end") return json(c, lastObject(opened, options, event, whole, logprobs));
    whole = {
      content: whole.content + event.content,
      thinking: whole.thinking + event.thinking,
      toolCalls: [...whole.toolCalls, ...event.toolCalls],
    };
    if (event.logprobs) logprobs.push(...event.logprobs);
  }
  throw new Error("an answer ended without an end");
}

async function* lines(opened: Opened, options: ReplyOptions): AsyncGenerator<object> {
  using _ = opened;
  for await (const event of opened.events()) {
    if (event.type === "end") yield lastObject(opened, options, event, { content: "", thinking: "", toolCalls: [] }, []);
    else {
      const { logprobs } = event;
      yield {
        model: options.model,
        created_at: nowUtc(),
        ...options.show(event),
        done: false,
        ...(logprobs && logprobs.length > 0 && { logprobs: wireLogprobs(logprobs) }),
      };
    }
  }
}

function lastObject(
  { held, truncation }: Opened,
  { model, startedMs, show, last }: ReplyOptions,
  end: Extract<AnswerEvent, { type: "end" }>,
  part: Part,
  logprobs: TokenLogprob[],
): object {
  return {
    model,
    created_at: nowUtc(),
    ...show(part),
    done: true,
    done_reason: end.reason,
    ...last?.(end),
    ...metrics(end.finish, { startedMs, loadNs: held.loadNs }),
    ...(logprobs.length > 0 && { logprobs: wireLogprobs(logprobs) }),
    ...truncationFields(truncation, end.finish),
    ...end.fields,
  };
}
