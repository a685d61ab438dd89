/** Errors as OpenAI's clients read them: `{"error": {"message", "type", "param", "code"}}`. */
import type { Context } from "hono";
import { messageOf, PunaError } from "../../errors.ts";
import { json, logUnknown } from "../respond.ts";

const TYPES: Record<number, string> = {
  400: "invalid_request_error",
  401: "authentication_error",
  403: "permission_error",
  404: "not_found_error",
  413: "invalid_request_error",
  429: "rate_limit_error",
};

export interface ErrorBody {
  error: { message: string; type: string; param: string | null; code: string | null };
}

type Handler = (c: Context) => Response | Promise<Response>;

/** A handler whose failures are worded for OpenAI's clients, with the status that the error asks for. */
export function inOpenaiWords(handler: Handler): Handler {
  return async (c) => {
    try {
      return await handler(c);
    } catch (error) {
      logUnknown(error);
      return json(c, errorBody(error), statusOf(error));
    }
  };
}

export function errorBody(error: unknown): ErrorBody {
  const { param, code } = error instanceof PunaError ? error : {};
  const type = TYPES[statusOf(error)] ?? "api_error";
  return { error: { message: messageOf(error), type, param: param ?? null, code: code ?? null } };
}

function statusOf(error: unknown): number {
  return error instanceof PunaError ? error.status : 500;
}
