/** `puna kb show BASE`: what it holds, and how it is set. */
import type { Context } from "../../context.ts";
import { settingsTable } from "../../knowledge/settings.ts";
import type { BaseReply } from "../../knowledge/wire.ts";
import { humanTime } from "../../terminal/human.ts";
import { rows } from "../../terminal/table.ts";

export async function show(
  { client, terminal, now }: Pick<Context, "client" | "terminal" | "now">,
  name: string,
  { json }: { json?: boolean },
): Promise<void> {
  const base = await client.knowledge.base(name);
  terminal.out(json ? `${JSON.stringify(base)}\n` : described(base, now()));
}

function described(base: BaseReply, now: Date): string {
  const held = rows([
    ["  name", base.name],
    ["  documents", String(base.documents)],
    ["  passages", String(base.passages)],
    ["  created", humanTime(base.created_at, { now, never: "-" })],
    ["  as a model", base.model_name],
  ]);
  const set = rows(settingsTable(base).map(([key, value]) => [`  ${key}`, value]));
  return `Knowledge base\n${held}\nSettings\n${set}`;
}
