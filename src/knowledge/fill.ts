/** Gives every passage of a base its vector in one space. Ended at any point, the next call goes on where it was. */
import { Failed, messageOf } from "../errors.ts";
import { type Embedder, unitVector } from "./embedder.ts";
import type { PassageVector } from "./index/types.ts";
import type { Space } from "./rows/spaces.ts";
import type { Remote } from "./thread/remote.ts";
import type { Writer } from "./writer.ts";

/** Passages a call of the embedder, and a transaction. */
const BATCH = 64;

export interface FillOptions {
  signal?: AbortSignal | undefined;
  /** Called after each batch, with how many passages it brought on. */
  onProgress?: ((passages: number) => void | Promise<void>) | undefined;
}

interface Embedded {
  vectors: PassageVector[];
  faults: { passage: number; reason: string }[];
}

type Wanted = readonly { passage: number; text: string }[];

/** Rejects when the embedder as a whole does not work; a passage that it cannot embed is only noted. */
export async function fillSpace(
  writer: Remote<Writer>,
  space: Space,
  embedder: Embedder,
  options: FillOptions = {},
): Promise<void> {
  let dimensions = space.dimensions;
  let after: number | undefined = 0;
  while (after !== undefined) {
    options.signal?.throwIfAborted();
    const { passages, next }: Awaited<ReturnType<typeof writer.lacking>> = await writer.lacking(space.id, after, BATCH);
    if (passages.length > 0) {
      const embedded = await embedAll(embedder, passages, dimensions);
      dimensions ??= embedded.vectors[0]?.vector.length;
      await writer.addVectors(space.id, embedder.digest, embedded);
      await options.onProgress?.(passages.length);
    }
    after = next;
  }
}

async function embedAll(embedder: Embedder, wanted: Wanted, dimensions: number | undefined): Promise<Embedded> {
  try {
    const made = await embedder.embed(
      wanted.map(({ text }) => text),
      "passage",
    );
    // Which of them is missing? A vector must never come to another passage.
    if (made.length !== wanted.length)
      throw new Failed(`the embedder gave ${made.length || "no"} vectors for ${wanted.length} texts`);
    return sorted(wanted, made, dimensions ?? usualLength(made));
  } catch (error) {
    // Which of them is it? All others are to have their vectors.
    if (wanted.length > 1) {
      const half = wanted.length >> 1;
      const first = await embedAll(embedder, wanted.slice(0, half), dimensions);
      const second = await embedAll(embedder, wanted.slice(half), dimensions ?? first.vectors[0]?.vector.length);
      return { vectors: [...first.vectors, ...second.vectors], faults: [...first.faults, ...second.faults] };
    }
    await checkAlive(embedder, error);
    return { vectors: [], faults: wanted.map(({ passage }) => ({ passage, reason: messageOf(error) })) };
  }
}

/** The first vectors of a space decide how long its vectors are: a single one that is wrong must not. */
function usualLength(made: readonly Float32Array[]): number | undefined {
  const counts = new Map<number, number>();
  for (const { length } of made) if (length > 0) counts.set(length, (counts.get(length) ?? 0) + 1);
  return [...counts].sort(([, a], [, b]) => b - a)[0]?.[0];
}

function sorted(wanted: Wanted, made: readonly Float32Array[], dimensions: number | undefined): Embedded {
  const embedded: Embedded = { vectors: [], faults: [] };
  wanted.forEach(({ passage }, i) => {
    const vector = unitVector(made[i], dimensions);
    if (typeof vector === "string") embedded.faults.push({ passage, reason: vector });
    else embedded.vectors.push({ passage, vector });
  });
  return embedded;
}

/** When it cannot embed the plainest text either, the passage is not to blame. */
async function checkAlive(embedder: Embedder, cause: unknown): Promise<void> {
  try {
    await embedder.embed(["hello"], "passage");
  } catch {
    throw new Failed(`the embedding model ${embedder.name} does not work: ${messageOf(cause)}`, { cause });
  }
}
