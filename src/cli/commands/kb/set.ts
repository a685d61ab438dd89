/** `puna kb set BASE key=value...`. */
import type { Context } from "../../context.ts";
import { parseSettings, settingsTable } from "../../knowledge/settings.ts";
import { rows } from "../../terminal/table.ts";

/** Prints all settings as they are then. Throws Invalid for a setting that is none. */
export async function set(
  { client, terminal }: Pick<Context, "client" | "terminal">,
  name: string,
  words: readonly string[],
  { json }: { json?: boolean },
): Promise<void> {
  const base = await client.knowledge.set(name, parseSettings(words));
  terminal.out(json ? `${JSON.stringify(base)}\n` : rows(settingsTable(base)));
}
