/** The small ones: /, /api/version, /api/status. */
import type { Context } from "hono";
import type { Deps } from "../deps.ts";
import { json } from "../respond.ts";

/** Clients look for these very words to tell that a server is there. */
export function root(c: Context): Response {
  return c.text("Ollama is running");
}

/**
 * Clients compare this with the Ollama release that brought a feature (0.5 for structured output, 0.9 for thinking), so an
 * honest 0.1 of our own would switch features off that are here. It is the Ollama release whose API this server speaks, with
 * our version as semver build metadata, which comparisons ignore.
 */
export const ollamaApiVersion = "0.32.0";

export function version(deps: Deps) {
  return (c: Context): Response => json(c, { version: `${ollamaApiVersion}+puna.${deps.version}` });
}

/** There is no cloud behind this server, and no way to switch one on. */
export function status(c: Context): Response {
  return json(c, { cloud: { disabled: true, source: "config" } });
}
