/** Errors as the OCI distribution specification has them: `{"errors": [{"code", "message"}]}`. */
import type { Context } from "hono";
import { messageOf, PunaError } from "../../errors.ts";
import { json, logUnknown } from "../respond.ts";

const CODES: Record<number, string> = {
  400: "NAME_INVALID",
  401: "UNAUTHORIZED",
  403: "DENIED",
  404: "NAME_UNKNOWN",
  405: "UNSUPPORTED",
};

/** The error's own `code` where it is one of the specification's, which are in capitals. */
export function registryError(c: Context, error: unknown): Response {
  logUnknown(error);
  const status = error instanceof PunaError ? error.status : 500;
  const own = error instanceof PunaError && /^[A-Z_]+$/.test(error.code ?? "") ? error.code : undefined;
  return json(c, { errors: [{ code: own ?? CODES[status] ?? "UNKNOWN", message: messageOf(error) }] }, status);
}
