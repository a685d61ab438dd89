/** `puna ps [prefix]`: the models in memory. */
import type { Context } from "../context.ts";
import { humanBytes, humanTime } from "../terminal/human.ts";
import { table } from "../terminal/table.ts";
import type { RunningModel } from "../wire.ts";

/** Prints a table of the loaded models whose names begin with the prefix, in any case. */
export async function ps({ client, terminal, now }: Context, prefix = ""): Promise<void> {
  const models = (await client.running()).filter(({ name }) => name.toLowerCase().startsWith(prefix.toLowerCase()));
  const rows = models.map((model) => [
    model.name,
    model.digest.slice(0, 12),
    humanBytes(model.size),
    processor(model),
    String(model.context_length ?? 0),
    Date.parse(model.expires_at) < now().getTime() ? "Stopping..." : humanTime(model.expires_at, { now: now(), never: "Never" }),
  ]);
  terminal.out(table(["NAME", "ID", "SIZE", "PROCESSOR", "CONTEXT", "UNTIL"], rows));
}

function processor({ size, size_vram: vram = 0 }: RunningModel): string {
  if (vram === 0) return "100% CPU";
  if (vram === size) return "100% GPU";
  if (vram > size || size === 0) return "Unknown";
  const cpu = Math.round(((size - vram) / size) * 100);
  return `${cpu}%/${100 - cpu}% CPU/GPU`;
}
