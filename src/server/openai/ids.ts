/** Names of what this server makes. */
import { randomBytes } from "node:crypto";

/** `chatcmpl-` and the like, with enough behind it that nobody guesses it. */
export function newId(prefix: string): string {
  return prefix + randomBytes(24).toString("hex");
}

/** Now, in the whole seconds that OpenAI counts. */
export function nowSeconds(): number {
  return Math.floor(Date.now() / 1000);
}
