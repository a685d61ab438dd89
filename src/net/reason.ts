import { messageOf } from "../errors.ts";

/** What a connection failed of: an AggregateError of every address that was tried has no message of its own. */
export function reasonOf(error: unknown): string {
  if (error instanceof AggregateError && error.message === "") return messageOf(error.errors[0]);
  return messageOf(error);
}
