/** The pieces of a body gathered into larger blocks: one write a block, in one memory for all of them. */

/** A block is given away after so long, full or not. */
const MAX_HELD_MS = 200;

/**
 * Each block is good until the next is asked for. What came before the pieces broke off comes before the error. `pay` is awaited for
 * every piece.
 */
export async function* blocksOf(
  pieces: AsyncIterable<Uint8Array>,
  { blockBytes, pay }: { blockBytes: number; pay?: (bytes: number) => Promise<void> },
): AsyncGenerator<Buffer> {
  const block = Buffer.allocUnsafeSlow(blockBytes);
  let filled = 0;
  let givenAt = performance.now();
  try {
    for await (const piece of pieces) {
      for (let taken = 0; taken < piece.length; ) {
        const next = piece.subarray(taken, taken + block.length - filled);
        block.set(next, filled);
        filled += next.length;
        taken += next.length;
        if (filled < block.length && performance.now() - givenAt < MAX_HELD_MS) continue;
        const full = block.subarray(0, filled);
        filled = 0;
        yield full;
        givenAt = performance.now();
      }
      await pay?.(piece.length);
    }
  } catch (error) {
    if (filled > 0) yield block.subarray(0, filled);
    throw error;
  }
  if (filled > 0) yield block.subarray(0, filled);
}
