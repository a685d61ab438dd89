/** Loading and closing models over and over costs nothing for good. */
import { existsSync, readdirSync } from "node:fs";
import path from "node:path";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import koffi from "koffi";
import { describe, expect, it } from "vitest";
import { Batch } from "./batch.ts";
import { Context } from "./context.ts";
import { GrammarSampler } from "./grammar-sampler.ts";
import { Model } from "./model.ts";
import { Sampler } from "./sampler.ts";
import { getSequence } from "./state.ts";
import { ThreadPool } from "./threads.ts";

const stories = path.resolve(import.meta.dirname, "../../../shared/data/models/stories260K.gguf");
const mini = path.resolve(import.meta.dirname, "../../models/mini/mini.gguf");
const small = [stories, mini].find((file) => existsSync(file)) ?? "";
const cycles = Number(process.env.PUNA_LEAK_CYCLES ?? 300);

describe.skipIf(small === "" || process.platform !== "linux")(
  "a model's life (needs ../shared or the bundled model, and Linux)",
  () => {
    const flag = new Int32Array(new SharedArrayBuffer(4));

    function live(): void {
      const model = Model.load(small, { onProgress: () => true });
      const context = new Context(model, { cells: 256, batch: 64, sequences: 2 });
      const pool = new ThreadPool(model.library, 1);
      context.attachThreads(pool);
      context.setAbort(flag);
      using batch = new Batch(64);
      using chain = Sampler.chain(model, [
        { type: "penalties", lastN: 64, repeat: 1.1, frequency: 0, presence: 0 },
        { type: "dist", seed: 1 },
      ]);
      using grammar = GrammarSampler.create(model, "root ::= [a-z ]+");
      for (const [i, token] of model.tokenize("Once upon").entries()) batch.add(token, i, 0, true);
      context.decode(batch);
      chain.sample(context, -1);
      grammar.sample(context, -1, chain);
      getSequence(context, 0);
      chain.close();
      grammar.close();
      // Closes the context, too; the pool must outlive it.
      model.close();
      pool.close();
    }

    it(`leaves no memory, file or callback behind ${cycles} times`, { timeout: 300_000 }, () => {
      setFlagsFromString("--expose-gc");
      const collect: () => void = runInNewContext("gc");
      const measure = () => {
        collect();
        return {
          megabytes: process.memoryUsage.rss() / 1e6,
          files: readdirSync("/proc/self/fd").length,
          callbacks: koffi.stats().callbacks,
        };
      };
      for (let i = 0; i < 50; i++) live();
      const before = measure();
      for (let i = 0; i < cycles; i++) live();
      const after = measure();
      // Without malloc_trim, or with one batch or state left behind each time, it would be 40 MB and more in 300 cycles.
      expect(after.megabytes - before.megabytes).toBeLessThan(10 + cycles * 0.02);
      expect(after.files).toBeLessThanOrEqual(before.files + 2);
      expect(after.callbacks).toBe(before.callbacks);
    });
  },
);
