/** Opening, checking and sharing the libraries; loads that fail, are cancelled, or are seen from another thread. */
import { spawnSync } from "node:child_process";
import { copyFileSync, existsSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { Worker } from "node:worker_threads";
import { afterAll, describe, expect, it } from "vitest";
import { checkContext, checkDefaults, isRelease } from "./abi-check.ts";
import { defaults } from "./abi-layouts.ts";
import { Batch } from "./batch.ts";
import { describeBuilds } from "./builds.ts";
import { Context } from "./context.ts";
import type { Llama } from "./functions.ts";
import { openLibrary } from "./library.ts";
import { Model } from "./model.ts";
import { ThreadPool } from "./threads.ts";

const stories = path.resolve(import.meta.dirname, "../../../shared/data/models/stories260K.gguf");
const compiled = path.resolve(import.meta.dirname, "../../dist/llama/index.js");
const describer = path.resolve(import.meta.dirname, "../../dist/llama/describe.js");
const folder = mkdtempSync(path.join(os.tmpdir(), "puna-library-"));
afterAll(() => rmSync(folder, { recursive: true }));

describe("the library", () => {
  const library = openLibrary();

  it("is opened once, and knows its kernels", () => {
    expect(openLibrary()).toBe(library);
    expect(library.version).toMatch(/^0\.5\.0/);
    expect(library.kernelBuild).toMatch(/ggml-cpu/);
    expect(existsSync(path.join(library.directory, library.kernelBuild))).toBe(true);
  });

  it("describes itself for doctor: the kernels in use are the best that run here", () => {
    const [build] = describeBuilds({}, library).filter((one) => one.state === "in use");
    expect(build?.note).toContain("llama.cpp 0.5.0");
    const [best] = build!.kernels;
    expect(best).toMatchObject({ file: library.kernelBuild, inUse: true });
    expect(build!.kernels.filter((kernel) => kernel.inUse)).toHaveLength(1);
    expect(describeBuilds({ path: folder }, undefined)[0]).toMatchObject({
      state: "unusable",
      note: expect.stringContaining("libllama is missing"),
    });
  });

  it.skipIf(!existsSync(describer))("describes itself in a process of its own, and says why it cannot (needs a build)", () => {
    const run = (...args: string[]) => {
      const { stdout, stderr } = spawnSync(process.execPath, [describer, ...args], { encoding: "utf8" });
      // llama.cpp and ggml would log there.
      expect(stderr).toBe("");
      return JSON.parse(stdout);
    };
    expect(run().library).toMatchObject({ kernelBuild: library.kernelBuild, variant: library.variant });
    const own = run(path.join(folder, "absent"));
    expect(own.error).toContain("is not a folder");
    expect(own.builds.map(({ state }: { state: string }) => state).slice(0, 2)).toEqual(["unusable", "installed"]);
  });

  it.skipIf(process.platform !== "linux")("opens a build of one's own, with plain names", () => {
    for (const [from, to] of [
      [path.basename(library.kernelBuild), path.basename(library.kernelBuild)],
      ["libggml-base.so", "libggml-base.so"],
      ["libggml.v0.5.0.so", "libggml.v0.5.0.so"],
      ["libllama.v0.5.0.so", "libllama.so"],
    ] as const) {
      copyFileSync(path.join(library.directory, from), path.join(folder, to));
    }
    symlinkSync("libggml.v0.5.0.so", path.join(folder, "libggml.so"));
    const own = openLibrary({ path: folder });
    expect(own).not.toBe(library);
    expect(own.directory).toBe(folder);
    expect(own.llama.llama_max_parallel_sequences()).toBe(256);
  });

  it("refuses files that are no libraries", () => {
    const broken = mkdtempSync(path.join(folder, "broken-"));
    for (const name of ["llama", "ggml", "ggml-base"]) writeFileSync(path.join(broken, `lib${name}.so`), "no library");
    expect(() => openLibrary({ path: broken })).toThrow(/broken-.*libggml-base\.so" cannot be used: .*file too short/);
    expect(() => openLibrary({ path: path.join(folder, "absent") })).toThrow("is not a folder");
  });
});

describe("the check of struct layouts", () => {
  const sound: Record<string, () => unknown> = {
    llama_version: () => "0.5.0-dev",
    llama_model_default_params: () => ({ ...defaults.llama_model_params }),
    llama_context_default_params: () => ({ ...defaults.llama_context_params }),
    llama_model_quantize_default_params: () => ({ ...defaults.llama_model_quantize_params }),
  };
  const check = (changed: Record<string, () => unknown>) => () =>
    checkDefaults({ ...sound, ...changed } as unknown as Llama, "libllama.so");

  it("accepts the pinned release only", () => {
    expect(check({})).not.toThrow();
    expect(check({ llama_version: () => "0.5.1" })).toThrow('"libllama.so" is llama.cpp 0.5.1, and 0.5.0 is needed');
    expect(["0.5.0", "0.5.0-dev", "0.5.0+cuda", "0.5.01", "0.50.0", ""].map(isRelease)).toEqual([
      true,
      true,
      true,
      false,
      false,
      false,
    ]);
  });

  it("names what differs, and the remedy", () => {
    const shifted = { ...defaults.llama_context_params, n_batch: 512, kv_unified: true };
    expect(check({ llama_context_default_params: () => shifted })).toThrow(
      /struct layouts of llama\.cpp 0\.5\.0 \(n_batch is 512, not 2048, kv_unified is true, not false\): .*puna doctor/,
    );
    expect(() => checkContext({ n_ctx: 512 }, { n_ctx: 4 })).toThrow("n_ctx is 4, not 512");
  });
});

describe.skipIf(!existsSync(stories))("a model (needs ../shared)", () => {
  it("says what its file says", () => {
    using model = Model.load(stories);
    expect(model.metadata().get("general.architecture")).toBe("llama");
    expect([model.layers, model.heads, model.kvHeads, model.embeddingLength, model.trainedContext]).toEqual([5, 8, 4, 64, 2048]);
    expect([model.hasEncoder, model.hasDecoder, model.isRecurrent, model.isHybrid, model.isDiffusion]).toEqual([
      false,
      true,
      false,
      false,
      false,
    ]);
    expect(model.parameters).toBeGreaterThan(260_000);
    expect(model.sizeBytes).toBeGreaterThan(1e6);
    expect(model.description).toContain("llama");
    expect(model.chatTemplate()).toBeUndefined();
  });

  it("reports its load, and stops it when told", () => {
    const fractions: number[] = [];
    Model.load(stories, { onProgress: (fraction) => fractions.push(fraction) > 0 }).close();
    expect(fractions.at(-1)).toBe(1);
    expect(fractions).toEqual([...fractions].sort((a, b) => a - b));
    expect(() => Model.load(stories, { onProgress: (fraction) => fraction < 0.5 })).toThrow(/the load of ".*" was canceled/);
    const thrown = () => {
      throw new Error("from the listener");
    };
    expect(() => Model.load(stories, { onProgress: thrown })).toThrow("from the listener");
  });

  it("names a file that cannot be read or is no model", () => {
    const file = path.join(folder, "none.gguf");
    expect(() => Model.load(file)).toThrow(`model file "${file}" cannot be read`);
    writeFileSync(file, "GGUF and then nothing");
    expect(() => Model.load(file)).toThrow(/none\.gguf" cannot be loaded: \w+/);
    expect(openLibrary().lastErrors().join()).toContain("error loading model");
  });

  it("closes its contexts with itself, once", () => {
    const model = Model.load(stories);
    const context = new Context(model, { cells: 256, batch: 32 });
    model.close();
    expect(() => context.nCtx).toThrow("the context is closed");
    context.close();
    model.close();
    expect(() => new Context(model, { cells: 256 })).toThrow("the model is closed");
  });

  it("refuses contexts and batches that cannot be", () => {
    using model = Model.load(stories);
    expect(() => new Context(model, { cells: 0 })).toThrow("cells must be a whole number from 1");
    expect(() => new Context(model, { cells: 256, sequences: 257 })).toThrow("sequences must be a whole number from 1 to 256");
    expect(() => new Context(model, { cells: 256, kvType: "q8_0", flashAttention: false })).toThrow(
      "a context of 256 cells could not be made: quantized V cache requires flash_attn",
    );
    expect(() => new ThreadPool(model.library, 0)).toThrow("1 to 512 threads, not 0");
    using context = new Context(model, { cells: 256, batch: 32, sequences: 2, unified: false });
    expect([context.nCtx, context.nCtxSeq, context.nBatch, context.nUbatch, context.nSeqMax]).toEqual([512, 256, 32, 32, 2]);
    using batch = new Batch(33);
    expect(() => context.decode(batch)).toThrow("the batch is empty");
    batch.add(99_999, 0, 0, true);
    expect(() => context.decode(batch)).toThrow("invalid token[0] = 99999");
    batch.clear();
    batch.add(5, 0, 300, true);
    expect(() => context.decode(batch)).toThrow("invalid seq_id[0][0] = 300");
    batch.clear();
    for (let i = 0; i < 33; i++) batch.add(5, i, 0, false);
    expect(() => batch.add(5, 33, 0, false)).toThrow("holds 33 tokens at most");
    expect(() => batch.addShared(5, 0, [0, 1], false)).toThrow("1 to 1 sequences, not 2");
    expect(() => context.decode(batch)).toThrow("33 tokens is more than the 32");
    batch.close();
    expect(() => batch.add(5, 0, 0, false)).toThrow("the batch is closed");
  });

  it.skipIf(!existsSync(compiled))(
    "is seen from another thread, which tokenises while this one decodes (needs a build)",
    async () => {
      using model = Model.load(stories);
      using context = new Context(model, { cells: 512, batch: 256 });
      const code = `
      const { parentPort, workerData } = require("node:worker_threads");
      import(workerData.module).then(({ Model, openLibrary }) => {
        const model = Model.attach(workerData.pointer);
        const texts = Array.from({ length: 200 }, (_, i) => "Once upon a time there were " + i + " cats");
        const tokens = texts.map((text) => [...model.tokenize(text)]);
        model.close();
        parentPort.postMessage({ tokens, kernels: openLibrary().kernelBuild });
      });`;
      const workerData = { module: pathToFileURL(compiled).href, pointer: model.pointer };
      const worker = new Worker(code, { eval: true, workerData });
      const answer = new Promise<{ tokens: number[][]; kernels: string }>((resolve, reject) => {
        worker.once("message", resolve).once("error", reject);
      });
      using batch = new Batch(256);
      for (let round = 0; round < 20; round++) {
        context.memory.clear();
        batch.clear();
        for (let i = 0; i < 200; i++) batch.add(300 + (i % 50), i, 0, i === 199);
        expect(context.decode(batch)).toBe(0);
      }
      const { tokens, kernels } = await answer;
      await worker.terminate();
      expect(kernels).toBe(model.library.kernelBuild);
      tokens.forEach((list, i) => {
        expect(list).toEqual([...model.tokenize(`Once upon a time there were ${i} cats`)]);
      });
      // The other thread closed its view; the model is still here.
      expect(model.layers).toBe(5);
    },
  );
});
