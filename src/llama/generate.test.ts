/** Real generation through the binding: known text, prefix sharing, state, abort. */
import { existsSync } from "node:fs";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Batch } from "./batch.ts";
import { Context } from "./context.ts";
import { Model } from "./model.ts";
import { Sampler } from "./sampler.ts";
import { getSequence, setSequence } from "./state.ts";
import { ThreadPool } from "./threads.ts";

const stories = path.resolve(import.meta.dirname, "../../../shared/data/models/stories260K.gguf");
const continuation = ", there was a little girl named Lily. She loved to play outside in the park.";

describe.skipIf(!existsSync(stories))("stories260K (needs ../shared)", () => {
  let model: Model;
  let context: Context;
  let pool: ThreadPool;
  const batch = new Batch(512, 2);

  beforeAll(() => {
    model = Model.load(stories);
    context = new Context(model, { cells: 512, batch: 512, sequences: 4, threads: 1 });
    pool = new ThreadPool(model.library, 1);
    context.attachThreads(pool);
  });

  afterAll(() => {
    model.close();
    pool.close();
    batch.close();
  });

  /** Continues greedily from what `sequence` holds; the batch's last logits start it. */
  function continueText(sequence: number, from: number, tokens: number): string {
    using sampler = Sampler.chain(model, [{ type: "greedy" }]);
    const bytes: Uint8Array[] = [];
    let token = sampler.sample(context, -1);
    for (let i = 0; i < tokens; i++) {
      bytes.push(model.piece(token));
      batch.clear();
      batch.add(token, from + i, sequence, true);
      expect(context.decode(batch)).toBe(0);
      token = sampler.sample(context, -1);
    }
    return Buffer.concat(bytes).toString();
  }

  function prefill(tokens: ArrayLike<number>, sequence: number): void {
    batch.clear();
    for (let i = 0; i < tokens.length; i++) batch.add(tokens[i]!, i, sequence, i === tokens.length - 1);
    expect(context.decode(batch)).toBe(0);
  }

  it("continues as its README says, at temperature 0", () => {
    const prompt = model.tokenize("Once upon a time");
    expect([...prompt]).toEqual([1, 403, 407, 261, 378]);
    prefill(prompt, 0);
    expect(continueText(0, prompt.length, 60)).toContain(continuation);
  });

  it("shares a prefix with another sequence, and restores one from bytes", () => {
    context.memory.clear();
    const prompt = model.tokenize("Once upon a time");
    prefill(prompt.subarray(0, 4), 0);
    context.memory.copy(0, 1);
    const bytes = getSequence(context, 0);
    expect(setSequence(context, 2, bytes)).toBe(true);
    for (const sequence of [1, 2]) {
      expect(context.memory.posMax(sequence)).toBe(3);
      batch.clear();
      batch.add(prompt[4]!, 4, sequence, true);
      context.decode(batch);
      expect(continueText(sequence, 5, 40)).toContain(continuation.slice(0, 40));
    }
  });

  it("stops a decode when the flag is set, and goes on when it is cleared", () => {
    context.memory.clear();
    const flag = new Int32Array(new SharedArrayBuffer(16));
    context.setAbort(flag, 2);
    flag[2] = 1;
    batch.clear();
    for (let i = 0; i < 200; i++) batch.add(300, i, 0, false);
    expect(context.decode(batch)).toBe(2);
    flag[2] = 0;
    context.memory.clear();
    expect(context.decode(batch)).toBe(0);
    context.setAbort(undefined);
  });

  it("says 1 when the cache is full, and nothing changes", () => {
    context.memory.clear();
    batch.clear();
    for (let i = 0; i < 512; i++) batch.add(300, i, 0, false);
    expect(context.decode(batch)).toBe(0);
    batch.clear();
    batch.add(300, 0, 1, false);
    expect(context.decode(batch)).toBe(1);
    expect(context.memory.posMax(0)).toBe(511);
    expect(context.memory.posMax(1)).toBe(-1);
  });
});
