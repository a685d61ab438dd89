/** Errors in Anthropic's envelope. */
import { randomBytes } from "node:crypto";
import type { Context } from "hono";
import { messageOf, PunaError } from "../../errors.ts";
import { json, logUnknown } from "../respond.ts";
import type { ServerSentEvent } from "../sse.ts";

const TYPES: Record<number, string> = {
  400: "invalid_request_error",
  401: "authentication_error",
  403: "permission_error",
  404: "not_found_error",
  413: "request_too_large",
  429: "rate_limit_error",
  503: "overloaded_error",
  529: "overloaded_error",
};

type Handler = (c: Context) => Promise<Response>;

/** A handler whose failures are worded for Anthropic's clients, and whose answers carry a number to ask about. */
export function inAnthropicWords(handler: Handler): Handler {
  return async (c) => {
    c.header("request-id", `req_${hexId()}`);
    try {
      return await handler(c);
    } catch (error) {
      return anthropicError(c, error);
    }
  };
}

function anthropicError(c: Context, error: unknown): Response {
  logUnknown(error);
  const requestId = `req_${hexId()}`;
  c.header("request-id", requestId);
  return json(c, { ...envelope(error), request_id: requestId }, error instanceof PunaError ? error.status : 500);
}

/** The last event of a stream that failed. */
export function errorEvent(error: unknown): ServerSentEvent {
  return { event: "error", data: envelope(error) };
}

function envelope(error: unknown): object {
  const status = error instanceof PunaError ? error.status : 500;
  const code = error instanceof PunaError ? error.code : undefined;
  return {
    type: "error",
    error: { type: TYPES[status] ?? "api_error", message: messageOf(error), ...(code !== undefined && { code }) },
  };
}

/** As Anthropic's ids end. */
export function hexId(): string {
  return randomBytes(12).toString("hex");
}
