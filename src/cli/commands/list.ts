/** `puna list [prefix]`: the models in the store. */
import type { Context } from "../context.ts";
import { humanBytes, humanTime } from "../terminal/human.ts";
import { table } from "../terminal/table.ts";

/** Prints a table of the models whose names begin with the prefix, in any case. */
export async function list({ client, terminal, now }: Pick<Context, "client" | "terminal" | "now">, prefix = ""): Promise<void> {
  const models = (await client.list()).filter(({ name }) => name.toLowerCase().startsWith(prefix.toLowerCase()));
  const rows = models.map((model) => [
    model.name,
    model.digest.slice(0, 12),
    model.remote_model ? "-" : humanBytes(model.size),
    humanTime(model.modified_at, { now: now(), never: "Never" }),
  ]);
  terminal.out(table(["NAME", "ID", "SIZE", "MODIFIED"], rows));
}
