/** Server-sent events, as OpenAI's and Anthropic's clients read them. */
import type { Context } from "hono";
import { toJson } from "./json.ts";
import { logUnknown } from "./respond.ts";
import { streamed } from "./stream.ts";

export interface ServerSentEvent {
  /** The `event:` line; without it there is only data. */
  event?: string;
  /** Written as JSON, but for OpenAI's last word. */
  data: unknown;
}

/** The end of an OpenAI stream: the one event that is no JSON. */
export const DONE: ServerSentEvent = { data: "[DONE]" };

/**
 * One event at a time, each written when it comes. The first is awaited before the status goes out, so that what fails at once
 * rejects and gets its own status; `onError` words a later failure as the dialect's last event.
 */
export async function sse(
  c: Context,
  events: AsyncIterable<ServerSentEvent>,
  onError: (error: unknown) => ServerSentEvent,
): Promise<Response> {
  const body = await streamed(events, {
    encode: frame,
    encodeError(error) {
      logUnknown(error);
      return frame(onError(error));
    },
  });
  return c.body(body, 200, {
    "Content-Type": "text/event-stream; charset=utf-8",
    "Cache-Control": "no-cache",
    // nginx holds back what it proxies, unless it is told not to.
    "X-Accel-Buffering": "no",
  });
}

function frame({ event, data }: ServerSentEvent): string {
  // Python's splitlines, with which its clients find the lines, also splits at U+0085; toJson has dealt with the other such marks.
  const text = data === "[DONE]" ? data : toJson(data).replaceAll("\u0085", "\\u0085");
  return `${event === undefined ? "" : `event: ${event}\n`}data: ${text}\n\n`;
}
