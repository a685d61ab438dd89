/** `puna kb docs BASE`: the documents of a base. */
import type { Context } from "../../context.ts";
import type { DocumentReply } from "../../knowledge/wire.ts";
import { humanBytes, humanTime } from "../../terminal/human.ts";
import { table } from "../../terminal/table.ts";
import { visible } from "../../terminal/visible.ts";

/** A table, and below it what could not be read of them. */
export async function docs(
  { client, terminal, now }: Pick<Context, "client" | "terminal" | "now">,
  base: string,
  { json }: { json?: boolean },
): Promise<void> {
  const documents: DocumentReply[] = [];
  for await (const document of client.knowledge.allDocuments(base)) documents.push(document);
  if (json) return terminal.out(`${JSON.stringify(documents)}\n`);
  const rows = documents.map((document) => [
    String(document.id),
    visible(document.name),
    humanBytes(document.bytes),
    document.pages === null ? "-" : String(document.pages),
    String(document.passages),
    document.language ?? "-",
    humanTime(document.added_at, { now: now(), never: "-" }),
  ]);
  terminal.out(table(["ID", "NAME", "SIZE", "PAGES", "PASSAGES", "LANGUAGE", "ADDED"], rows));
  for (const { name, notes } of documents) for (const note of notes) terminal.err(`Note: ${visible(`${name}: ${note}`)}\n`);
}
