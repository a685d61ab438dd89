/** `puna kb create NAME`. */
import type { Context } from "../../context.ts";
import type { BaseSettings } from "../../knowledge/wire.ts";

export interface CreateFlags {
  embedder?: string;
  model?: string;
  mode?: "chat" | "query";
  json?: boolean;
}

/** Says how to go on. */
export async function create(
  { client, terminal }: Pick<Context, "client" | "terminal">,
  name: string,
  { json, embedder, model, mode }: CreateFlags,
): Promise<void> {
  const settings: BaseSettings = {
    ...(embedder !== undefined && { embedder }),
    ...(model !== undefined && { model }),
    ...(mode !== undefined && { mode }),
  };
  const made = await client.knowledge.create(name, settings);
  if (json) return terminal.out(`${JSON.stringify(made)}\n`);
  terminal.out(`created '${made.name}'\n`);
  if (terminal.outIsTty) terminal.err(`Add documents with: puna kb add ${shellWord(made.name)} FILE...\n`);
}

/** A word that a shell reads as one. */
function shellWord(word: string): string {
  return /^[\p{L}\p{N}._-]+$/u.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}
