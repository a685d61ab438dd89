/** The numbers of one tensor, from the checkpoint's files into the form of the GGUF, a block at a time. */
import type { FileHandle } from "node:fs/promises";
import { Invalid } from "../../errors.ts";
import { bytesOf, convertNumbers, type Float, NotFinite } from "./numbers.ts";
import type { PlannedTensor } from "./plan.ts";

/** Bytes read at once. */
const BLOCK = 4 << 20;

/** Gives an open file; the same one for the same path. */
export type Open = (path: string) => Promise<FileHandle>;

/** Blocks of the tensor as type `to`. Throws Invalid naming the tensor for a number that is none, or that `to` cannot hold. */
export async function* encodeTensor(tensor: PlannedTensor, to: Float, open: Open): AsyncGenerator<Uint8Array> {
  for (const { tensor: source, dtype, skipBytes } of tensor.parts) {
    const handle = await open(source.file);
    const size = source.size - skipBytes;
    const head = tensor.pairHeads === undefined ? undefined : size / tensor.pairHeads;
    const block = head ?? BLOCK;
    for (let at = 0; at < size; at += block) {
      const bytes = await readPart(handle, source.start + skipBytes + at, Math.min(block, size - at), source.name);
      if (head !== undefined) pairHalves(bytes, rowBytes(tensor, dtype));
      try {
        yield convertNumbers(bytes, dtype, to, tensor.add);
      } catch (error) {
        if (!(error instanceof NotFinite)) throw error;
        throw new Invalid(
          error.overflow
            ? `tensor "${source.name}" has a number too large for ${to}; convert the model with --quantize BF16 or F32`
            : `tensor "${source.name}" is damaged: it has a number that is not finite`,
          { cause: error },
        );
      }
    }
  }
}

/** Row 2i of a head comes from its first half, row 2i+1 from its second. In place. */
function pairHalves(head: Uint8Array, row: number): void {
  const half = head.length / row / 2;
  const source = head.slice();
  for (let i = 0; i < half; i++) {
    head.set(source.subarray(i * row, (i + 1) * row), 2 * i * row);
    head.set(source.subarray((half + i) * row, (half + i + 1) * row), (2 * i + 1) * row);
  }
}

function rowBytes(tensor: PlannedTensor, dtype: Float): number {
  return tensor.shape.slice(1).reduce((product, size) => product * size, bytesOf[dtype]);
}

async function readPart(handle: FileHandle, position: number, size: number, name: string): Promise<Uint8Array> {
  const bytes = new Uint8Array(size);
  let filled = 0;
  while (filled < size) {
    const { bytesRead } = await handle.read(bytes, filled, size - filled, position + filled);
    if (bytesRead === 0) throw new Invalid(`the file of tensor "${name}" became shorter while being read`);
    filled += bytesRead;
  }
  return bytes;
}
