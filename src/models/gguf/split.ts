/** A GGUF file as parts `name-00001-of-00003.gguf`, in the form of llama.cpp's gguf-split. The inverse of join.ts. */
import { rm } from "node:fs/promises";
import { Invalid } from "../../errors.ts";
import { numberField } from "./fields.ts";
import { readGguf } from "./read.ts";
import { valueTypes } from "./value-types.ts";
import { type Entry, type GgufInput, inputOf, type TensorInput, writeGguf } from "./write.ts";

const MOST_PARTS = 65_535;

/**
 * Writes the parts beside `stem` and gives their paths. Each holds tensors of at most `maxBytes`, but always one; the first has the
 * metadata. Throws Invalid for a file that is a part itself or needs no parts. A failure leaves none behind.
 */
export async function splitGguf(file: string, stem: string, maxBytes: number): Promise<string[]> {
  const header = await readGguf(file, { maxArray: Number.POSITIVE_INFINITY });
  if ((numberField(header, "split.count") ?? 0) > 1) throw new Invalid(`"${file}" is a part of a split model itself`);
  const input = inputOf(header);
  const groups = inGroups(input.tensors, maxBytes);
  if (groups.length < 2) throw new Invalid(`"${file}" has ${header.fileSize} bytes: one part would hold all of it`);
  if (groups.length > MOST_PARTS) throw new Invalid(`"${file}" would become ${groups.length} parts; allow more bytes in each`);
  const written: string[] = [];
  try {
    for (const [no, tensors] of groups.entries()) {
      const part = `${stem}-${padded(no + 1)}-of-${padded(groups.length)}.gguf`;
      await writeGguf(part, partOf({ ...input, tensors }, { no, count: groups.length, total: input.tensors.length }));
      written.push(part);
    }
  } catch (error) {
    for (const part of written) await rm(part, { force: true });
    throw error;
  }
  return written;
}

function partOf(input: GgufInput, { no, count, total }: { no: number; count: number; total: number }): GgufInput {
  const split: Entry[] = [
    { key: "split.no", type: valueTypes.u16, value: no },
    { key: "split.count", type: valueTypes.u16, value: count },
    { key: "split.tensors.count", type: valueTypes.i32, value: total },
  ];
  const kept = no === 0 ? input.metadata.filter(({ key }) => !key.startsWith("split.")) : [];
  return { ...input, metadata: [...kept, ...split] };
}

function inGroups(tensors: TensorInput[], maxBytes: number): TensorInput[][] {
  const groups: TensorInput[][] = [];
  let left = 0;
  for (const tensor of tensors) {
    const size = tensor.data instanceof Uint8Array ? tensor.data.length : tensor.data.size;
    const group = groups.at(-1);
    if (group && size <= left) group.push(tensor);
    else {
      groups.push([tensor]);
      left = maxBytes;
    }
    left -= size;
  }
  return groups;
}

function padded(no: number): string {
  return String(no).padStart(5, "0");
}
