/** One GGUF file from the parts that llama.cpp's gguf-split made of it: `name-00001-of-00003.gguf` and so on. */
import { Invalid } from "../../errors.ts";
import { numberField } from "./fields.ts";
import { readGguf } from "./read.ts";
import type { GgufHeader } from "./types.ts";
import { inputOf, writeGguf } from "./write.ts";

const SPLIT_KEYS = ["split.no", "split.count", "split.tensors.count"];

/** Writes the whole model to `output`, which must not exist. Parts may come in any order. Throws Invalid when they do not belong together. */
export async function joinGguf(parts: readonly string[], output: string): Promise<void> {
  const headers = await Promise.all(parts.map((part) => readGguf(part, { maxArray: Number.POSITIVE_INFINITY })));
  const sorted = headers.sort((a, b) => partNumber(a) - partNumber(b));
  const [first] = sorted;
  if (!first) throw new Invalid("there are no parts to join");
  checkParts(sorted, first);
  const { metadata, alignment } = inputOf(first, Object.fromEntries(SPLIT_KEYS.map((key) => [key, undefined])));
  const tensors = sorted.flatMap((header) => inputOf(header).tensors);
  await writeGguf(output, { metadata, tensors, ...(alignment !== undefined && { alignment }) });
}

function checkParts(sorted: readonly GgufHeader[], first: GgufHeader): void {
  const count = numberField(first, "split.count");
  if (count !== sorted.length)
    throw new Invalid(`a model of ${count ?? "an unknown number of"} parts cannot be joined from ${sorted.length}`);
  const names = new Set<string>();
  for (const [i, header] of sorted.entries()) {
    if (partNumber(header) !== i || numberField(header, "split.count") !== count) {
      throw new Invalid(`part ${i + 1} of ${count} is missing, or belongs to another model`);
    }
    for (const { name } of header.tensors) {
      if (names.has(name)) throw new Invalid(`tensor "${name}" is in two parts`);
      names.add(name);
    }
  }
  const wanted = numberField(first, "split.tensors.count");
  if (wanted !== undefined && wanted !== names.size) throw new Invalid(`the parts hold ${names.size} tensors of ${wanted}`);
}

function partNumber(header: GgufHeader): number {
  return numberField(header, "split.no") ?? -1;
}
