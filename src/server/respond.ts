/** Responses: one JSON object, a stream of JSON lines, or an error. */
import type { Context } from "hono";
import type { ContentfulStatusCode } from "hono/utils/http-status";
import { messageOf, PunaError } from "../errors.ts";
import { logger } from "../log.ts";
import { toJson } from "./json.ts";
import { streamed } from "./stream.ts";

const log = logger("server");

/** One JSON object. */
export function json(c: Context, value: unknown, status = 200): Response {
  return c.body(toJson(value), status as ContentfulStatusCode, { "Content-Type": "application/json; charset=utf-8" });
}

/**
 * One JSON object a line, each written when it comes. The first is awaited before the status goes out, so that what fails at once
 * still gets its own status; a later failure becomes a last line `{"error": …}`.
 */
export async function ndjson(c: Context, lines: AsyncIterable<unknown>): Promise<Response> {
  const body = await streamed(lines, {
    encode: (line) => `${toJson(line)}\n`,
    encodeError(error) {
      logUnknown(error);
      return `${toJson(errorBody(error))}\n`;
    },
  });
  return c.body(body, 200, { "Content-Type": "application/x-ndjson" });
}

/** Ollama's error envelope with the status the error asks for. */
export function errorResponse(c: Context, error: unknown): Response {
  logUnknown(error);
  return json(c, errorBody(error), error instanceof PunaError ? error.status : 500);
}

function errorBody(error: unknown): { error: string; code?: string } {
  const code = error instanceof PunaError ? error.code : undefined;
  return { error: messageOf(error), ...(code !== undefined && { code }) };
}

/** An error outside our family is a mistake of ours: its stack goes to the log. */
export function logUnknown(error: unknown): void {
  if (!(error instanceof PunaError))
    log.error("unexpected error", { stack: error instanceof Error ? error.stack : String(error) });
}
