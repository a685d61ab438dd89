/** `puna kb import FILE`: a knowledge base from the file that one was exported to. */
import { open } from "node:fs/promises";
import type { Readable } from "node:stream";
import { Invalid, messageOf } from "../../../errors.ts";
import type { Context } from "../../context.ts";
import { interruptible } from "../../interruptible.ts";
import { visible } from "../../terminal/visible.ts";

/** `-` is standard input. Throws Invalid for a file that cannot be read. */
export async function importBase(
  { client, terminal, input }: Pick<Context, "client" | "terminal"> & { input: Readable },
  file: string,
  { name, json }: { name?: string; json?: boolean },
): Promise<void> {
  const stream = file === "-" ? input : await opened(file);
  await interruptible(async (signal) => {
    const made = await client.knowledge.import(stream, { name, signal });
    for (const notice of made.notices) terminal.err(`${visible(notice)}\n`);
    if (json) return terminal.out(`${JSON.stringify(made)}\n`);
    const count = (number: number, what: string) => `${number} ${what}${number === 1 ? "" : "s"}`;
    terminal.out(`imported '${made.name}': ${count(made.documents, "document")}, ${count(made.passages, "passage")}\n`);
  });
}

async function opened(file: string): Promise<Readable> {
  try {
    const handle = await open(file, "r");
    if ((await handle.stat()).isDirectory()) throw new Error("it is a folder");
    return handle.createReadStream();
  } catch (error) {
    throw new Invalid(`cannot read ${file}: ${messageOf(error)}`, { cause: error });
  }
}
