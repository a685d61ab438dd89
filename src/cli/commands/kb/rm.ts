/** `puna kb rm BASE [DOCUMENT...]`: removes documents, or a whole base. */
import { createInterface } from "node:readline/promises";
import { Invalid } from "../../../errors.ts";
import type { Context } from "../../context.ts";
import { findDocuments } from "../../knowledge/find-documents.ts";
import { visible } from "../../terminal/visible.ts";

/** Asks before it removes a base that holds something. Nothing is removed when one of the documents is not there. */
export async function rm(
  { client, terminal, input }: Pick<Context, "client" | "terminal"> & { input: NodeJS.ReadableStream },
  base: string,
  words: readonly string[],
  { yes }: { yes?: boolean },
): Promise<void> {
  if (words.length > 0) {
    for (const { id, name } of await findDocuments(client, base, words)) {
      await client.knowledge.removeDocument(base, id);
      terminal.out(`removed '${visible(name)}'\n`);
    }
    return;
  }
  const { name, documents } = await client.knowledge.base(base);
  if (documents > 0 && !yes) {
    if (!terminal.inIsTty) throw new Invalid(`'${name}' holds ${documents} documents: say --yes to remove it all the same`);
    const answer = await ask(`Remove '${name}' with ${documents} ${documents === 1 ? "document" : "documents"}? [y/N] `, input);
    if (!/^(?:y|yes|是)$/i.test(answer.trim())) return terminal.out("nothing was removed\n");
  }
  await client.knowledge.remove(base);
  terminal.out(`removed '${name}'\n`);
}

/** On standard error, so that what is redirected stays clean. The end of the input is no answer. */
async function ask(question: string, input: NodeJS.ReadableStream): Promise<string> {
  const reader = createInterface({ input, output: process.stderr });
  const closed = new Promise<string>((resolve) => reader.once("close", () => resolve("")));
  try {
    return await Promise.race([reader.question(question), closed]);
  } finally {
    reader.close();
  }
}
