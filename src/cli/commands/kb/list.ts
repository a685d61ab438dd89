/** `puna kb list`. */
import type { Context } from "../../context.ts";
import { humanTime } from "../../terminal/human.ts";
import { table } from "../../terminal/table.ts";

export async function list(
  { client, terminal, now }: Pick<Context, "client" | "terminal" | "now">,
  { json }: { json?: boolean },
): Promise<void> {
  const bases = await client.knowledge.bases();
  if (json) return terminal.out(`${JSON.stringify(bases)}\n`);
  const rows = bases.map(({ name, documents, passages, embedder, created_at: at }) => [
    name,
    String(documents),
    String(passages),
    embedder ?? "-",
    humanTime(at, { now: now(), never: "-" }),
  ]);
  terminal.out(table(["NAME", "DOCUMENTS", "PASSAGES", "EMBEDDER", "CREATED"], rows));
}
