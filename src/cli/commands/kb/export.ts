/** `puna kb export BASE`: a knowledge base as one file. */
import { open, rename, rm, stat } from "node:fs/promises";
import { Failed, Invalid, messageOf } from "../../../errors.ts";
import type { Context } from "../../context.ts";
import { interruptible } from "../../interruptible.ts";
import { humanBytes } from "../../terminal/human.ts";

export interface ExportFlags {
  output?: string;
  force?: boolean;
  /** `--no-vectors` */
  vectors: boolean;
}

/** Under its name only when it is whole. `-` is standard output. Throws Invalid when the file is there already. */
export async function exportBase(
  { client, terminal, output }: Pick<Context, "client" | "terminal"> & { output: NodeJS.WritableStream },
  base: string,
  flags: ExportFlags,
): Promise<void> {
  const { name } = await client.knowledge.base(base);
  // The server may be anyone's: a name is no path.
  const file = flags.output ?? `${name.replace(/[^\p{L}\p{N}\p{M}._ -]/gu, "_")}.kb.tar.gz`;
  if (file !== "-" && !flags.force && (await isThere(file)))
    throw new Invalid(`${file} is there already: give another name with --output, or --force`);
  await interruptible(async (signal) => {
    const begin = async () => await client.knowledge.export(name, { vectors: flags.vectors, signal });
    if (file !== "-") return terminal.out(`exported '${name}' to ${file} (${humanBytes(await write(file, begin))})\n`);
    for await (const chunk of await begin()) {
      if (!output.write(chunk)) await new Promise((resolve) => output.once("drain", resolve));
    }
  });
}

/** Nothing is asked for before there is a file to write it to. The number of bytes. */
async function write(file: string, begin: () => Promise<AsyncIterable<Uint8Array>>): Promise<number> {
  const part = `${file}.part`;
  let sizeBytes = 0;
  try {
    const handle = await open(part, "w", 0o600);
    try {
      for await (const chunk of await begin()) {
        await handle.writeFile(chunk);
        sizeBytes += chunk.length;
      }
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(part, file);
  } catch (error) {
    await rm(part, { force: true });
    const isOfFiles = error instanceof Error && "syscall" in error;
    throw isOfFiles ? new Failed(`cannot write ${file}: ${messageOf(error)}`, { cause: error }) : error;
  }
  return sizeBytes;
}

async function isThere(file: string): Promise<boolean> {
  return await stat(file).then(
    () => true,
    () => false,
  );
}
