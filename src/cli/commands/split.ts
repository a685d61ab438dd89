/** `puna split FILE`: a GGUF file as several, for places that take no large ones. Needs no server. */
import path from "node:path";
import { Invalid, messageOf } from "../../errors.ts";
import { splitGguf } from "../../models/gguf/split.ts";
import type { Context } from "../context.ts";
import { parseSize } from "../terminal/sizes.ts";

export interface SplitFlags {
  maxSize: string;
}

/** Prints the paths of the parts, which lie beside the file. Throws Invalid when there is nothing to split, or a part is there already. */
export async function split({ terminal }: Pick<Context, "terminal">, file: string, { maxSize }: SplitFlags): Promise<void> {
  const stem = path.resolve(file).replace(/\.gguf$/i, "");
  try {
    const parts = await splitGguf(file, stem, parseSize(maxSize, "size of a part"));
    terminal.out(`${parts.join("\n")}\n`);
  } catch (cause) {
    if (cause instanceof Invalid) throw cause;
    throw new Invalid(`cannot split ${file}: ${messageOf(cause)}`, { cause });
  }
}
