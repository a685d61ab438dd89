/** Creating models in a real store. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { changed, digestOf, embeddings, metadata, sha256, text, u32, Workbench } from "../../test/models/workbench.ts";
import { Canceled, Failed, Invalid, NotFound } from "../errors.ts";
import { createModel } from "./create.ts";
import type { CreateRequest } from "./create-request.ts";
import { writeGguf } from "./gguf/write.ts";
import { parseName } from "./name.ts";
import { showModel } from "./show.ts";
import type { ModelStore } from "./store.ts";

let bench: Workbench;
let store: ModelStore;

beforeEach(() => {
  bench = new Workbench();
  store = bench.store;
});
afterEach(() => bench[Symbol.dispose]());

describe("createModel from files", () => {
  it("says what it does, in Ollama's words and order", async () => {
    const digest = await bench.upload();
    const statuses = await bench.create({
      files: { "dir/model.gguf": digest },
      template: "T",
      system: "S",
      license: ["L1", "L2"],
      parameters: { stop: ["x"], num_ctx: 64 },
      messages: [{ role: "user", content: "hi" }],
    });
    const created = (await bench.open()).manifest.config.digest;
    expect(statuses).toEqual([
      "parsing GGUF",
      "validating GGUF model",
      `using existing layer ${digest}`,
      `creating new layer ${sha256("T")}`,
      `creating new layer ${sha256("S")}`,
      `creating new layer ${sha256("L1")}`,
      `creating new layer ${sha256("L2")}`,
      `creating new layer ${sha256('{"num_ctx":64,"stop":["x"]}')}`,
      `creating new layer ${sha256('[{"role":"user","content":"hi"}]')}`,
      `creating new layer ${created}`,
      "writing manifest",
      "success",
    ]);
    expect(JSON.parse((await store.blobs.read(created)).toString())).toEqual({
      model_format: "gguf",
      model_family: "llama",
      model_families: ["llama"],
      model_type: "24",
      file_type: "F16",
      architecture: "amd64",
      os: "linux",
    });
    expect(await bench.open()).toMatchObject({ template: "T", system: "S", licenses: ["L1", "L2"], parameters: { num_ctx: 64 } });
  });

  it("takes a projector with the model", async () => {
    const projector = await bench.upload([text("general.architecture", "clip"), text("general.type", "mmproj")], []);
    await bench.create({ files: { "mmproj.gguf": projector, "model.gguf": await bench.upload() } });
    const made = await bench.open();
    expect(made.projectorPaths).toEqual([store.blobs.path(projector)]);
    expect(made.config.model_families).toEqual(["llama", "clip"]);
    expect(made.capabilities).toEqual(["completion", "vision"]);
  });

  it("takes an adapter", async () => {
    const adapter = await bench.upload([text("general.architecture", "llama"), text("general.type", "adapter")], []);
    await bench.create({ files: { "model.gguf": await bench.upload() }, adapters: { "lora.gguf": adapter } });
    expect((await bench.open()).adapterPaths).toEqual([store.blobs.path(adapter)]);
    const other = await bench.upload([text("general.architecture", "gemma2"), text("general.type", "adapter")], []);
    await expect(bench.create({ from: "m", adapters: { "a.gguf": other } })).rejects.toThrow(
      /is for gemma2 models, not for llama/,
    );
    await expect(bench.create({ from: "m", adapters: { "a.gguf": await bench.upload() } })).rejects.toThrow(
      /"a.gguf" is not an adapter/,
    );
  });
});

describe("createModel from a model", () => {
  it("inherits layers and merges, replaces or appends what is given", async () => {
    await bench.create({
      files: { "m.gguf": await bench.upload() },
      template: "T",
      system: "S",
      license: "L",
      parameters: { num_ctx: 64, stop: ["x"], seed: 7 },
    });
    const statuses = await bench.create({
      model: "user/n",
      from: "M",
      system: "S2",
      license: "L2",
      parameters: { stop: ["y"], seed: null },
    });
    expect(statuses.at(-1)).toBe("success");
    expect(statuses.filter((status) => status.startsWith("using existing"))).toHaveLength(4);
    const made = await bench.open("user/n");
    expect(made).toMatchObject({ template: "T", system: "S2", licenses: ["L", "L2"], parameters: { num_ctx: 64, stop: ["y"] } });
    expect(made.parameters).not.toHaveProperty("seed");
    expect(made.manifest.layers.map((layer) => layer.from)).toContain("m:latest");
    expect((await bench.open("m")).system).toBe("S");
  });

  it("replaces a model by itself and removes what it no longer uses", async () => {
    await bench.create({ files: { "m.gguf": await bench.upload() }, system: "old" });
    await bench.create({ from: "m", system: "new" });
    expect((await bench.open()).system).toBe("new");
    expect(await store.hasBlob(sha256("old"))).toBe(false);
    expect(await store.list()).toHaveLength(1);
  });
});

describe("createModel refuses", () => {
  const digest = sha256("nothing");
  it.each<[string, Partial<CreateRequest>]>([
    ["neither 'from' or 'files' was specified", {}],
    ["no files provided to convert", { files: {} }],
    ["invalid digest format", { files: { "a.gguf": "" } }],
    ["file path must be relative", { files: { "/etc/passwd": digest } }],
    ["file path must be relative", { files: { "../a.gguf": digest } }],
    ["file path must be relative", { files: { "a/../b": digest } }],
    ["file path must be relative", { files: { "": digest } }],
    ["file path must be relative", { files: { "C:\\a.gguf": digest } }],
    [`blob ${digest} of "a.gguf" is not in the model store`, { files: { "a.gguf": digest } }],
    ["only one adapter is currently supported", { from: "x", adapters: { a: digest, b: digest } }],
    ["model 'x' not found", { from: "x" }],
    ["invalid model name", { from: "a b" }],
    ["template error: boom", { from: "x", template: "{{" }],
    ["unsupported quantization type Q9 - supported types are F32, F16, Q4_K_S, Q4_K_M, Q8_0", { from: "x", quantize: "q9" }],
    ["bad remote", { from: "x", remoteHost: "h" }],
    ["draft models are not supported", { from: "x", draftFiles: { a: digest } }],
    ["requires must be a valid semver (e.g. 0.14.0)", { from: "x", requires: "new" }],
    ['info field "context_length" must be a non-negative integer', { from: "x", info: { context_length: -1 } }],
    ['info field "context_length" must be a number', { from: "x", info: { context_length: "1" } }],
    ['info field "model_family" must be a string', { from: "x", info: { model_family: 1 } }],
    ['option "stop" must be of an array of strings', { from: "x", parameters: { stop: 1 } }],
    ["message role must be one of", { from: "x", messages: [{ role: "boss", content: "" }] }],
  ])("%s", async (message, request) => {
    const checkTemplate = () => {
      throw new Error("boom");
    };
    await expect(bench.create(request, { checkTemplate })).rejects.toThrow(message);
    expect(await store.list()).toEqual([]);
  });

  it.each<[string, string, () => Promise<string>]>([
    ["supplied file was not in GGUF format", "m.gguf", async () => await bench.add(Buffer.alloc(99))],
    ["cannot be converted by itself", "m.bin", async () => await bench.add(Buffer.alloc(99))],
    ["unknown type", "m", async () => await bench.add(Buffer.alloc(99))],
    ["has 1 shards, expected 2", "m-00001-of-00002.gguf", async () => await bench.upload()],
    [
      'cannot load "m.gguf": llama.block_count is 0',
      "m.gguf",
      async () => await bench.upload(changed(u32("llama.block_count", 0))),
    ],
    ['cannot load "m.gguf": it has no tensors', "m.gguf", async () => await bench.upload(metadata, [])],
    ["is an adapter; name it with ADAPTER", "m.gguf", async () => await bench.upload([text("general.type", "adapter")])],
    ["there is a projector and no model", "m.gguf", async () => await bench.upload([text("general.architecture", "clip")], [])],
  ])("%s", async (message, name, make) => {
    const error = await bench.create({ files: { [name]: await make() } }).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(Invalid);
    expect(String(error)).toContain(message);
  });

  it("a second model, and names that file", async () => {
    const files = { "a.gguf": await bench.upload(), "b.gguf": await bench.upload([...metadata, text("x", "y")]) };
    await expect(bench.create({ files })).rejects.toThrow('"b.gguf" is a second model');
  });

  it("and leaves the old state when the client leaves", async () => {
    await bench.create({ files: { "m.gguf": await bench.upload() }, system: "old" });
    const before = (await bench.open()).digest;
    const controller = new AbortController();
    const steps = createModel(store, { name: parseName("m")!, from: "m", system: "new" }, { signal: controller.signal });
    await steps.next();
    controller.abort();
    await expect(
      (async () => {
        for await (const _ of steps);
      })(),
    ).rejects.toThrow(Canceled);
    expect((await bench.open()).digest).toBe(before);
  });

  it("a base that is not there with status 404", async () => {
    await expect(bench.create({ from: "nothing" })).rejects.toThrow(NotFound);
  });
});

describe("createModel with quantize", () => {
  const quantized = async (output: string) => {
    await writeGguf(output, {
      metadata: metadata.map((entry) => (entry.key === "general.file_type" ? u32("general.file_type", 7) : entry)),
      tensors: [embeddings],
    });
  };

  it("replaces the model layer and reports progress", async () => {
    const digest = await bench.upload();
    const steps: unknown[] = [];
    const quantize = async (
      _input: string,
      output: string,
      type: string,
      { onProgress }: { onProgress: (fraction: number) => void },
    ) => {
      expect(type).toBe("Q8_0");
      onProgress(0.25);
      await new Promise((resolve) => setTimeout(resolve, 5));
      await quantized(output);
    };
    for await (const step of createModel(
      store,
      { name: parseName("q")!, files: { "m.gguf": digest }, quantize: "q8_0" },
      { quantize },
    ))
      steps.push(step);
    const size = (await store.blobs.size(digest)) ?? 0;
    const status = "quantizing F16 model to Q8_0";
    expect(steps.slice(2, 6)).toEqual([
      { status, digest: "0000000000000000000", total: size, completed: 0 },
      { status, digest: "0000000000000000000", total: size, completed: Math.round(size / 4) },
      { status, digest: "0000000000000000000", total: size, completed: size },
      { status: "verifying conversion" },
    ]);
    const made = await bench.open("q");
    expect(steps).toContainEqual({ status: `creating new layer ${digestOf(made.modelPath!)}` });
    expect(made.config.file_type).toBe("Q8_0");
    expect(made.modelPath).not.toBe(store.blobs.path(digest));
    expect(readdirSync(store.blobs.folder).filter((name) => name.includes("partial"))).toEqual([]);
  });

  it("fails without a way to, on a quantised model, and when the work fails", async () => {
    const files = { "m.gguf": await bench.upload() };
    await expect(bench.create({ files, quantize: "Q4_K" })).rejects.toThrow("this server cannot quantise models");
    const broken = { quantize: async () => Promise.reject(new Failed("no memory")) };
    await expect(bench.create({ files, quantize: "Q4_K_M" }, broken)).rejects.toThrow("no memory");
    const rows = { ...embeddings, shape: [32, 3], type: 8, data: new Uint8Array(102) };
    const small = await bench.upload(changed(u32("llama.embedding_length", 32)), [rows]);
    await expect(bench.create({ files: { "m.gguf": small }, quantize: "Q4_K_M" }, broken)).rejects.toThrow(
      new Failed("quantization is only supported for F16, BF16 and F32 models"),
    );
    expect(readdirSync(store.blobs.folder).filter((name) => name.includes("partial"))).toEqual([]);
  });
});

const shared = path.resolve(import.meta.dirname, "../../../shared/data/models");

describe.skipIf(!existsSync(shared))("real models (needs ../shared)", () => {
  it.each([
    ["stories260K.gguf", "llama", "293K", ["completion"]],
    ["potion-base-4M.static-bert.f16.gguf", "bert", undefined, ["embedding"]],
    ["scripted-chat.f16.gguf", "llama", undefined, ["tools", "completion"]],
  ])("%s", async (name, family, size, capabilities) => {
    const digest = await bench.add(readFileSync(path.join(shared, name)));
    await bench.create({ files: { [name]: digest } });
    const made = await bench.open();
    expect(made.config.model_family).toBe(family);
    if (size) expect(made.config.model_type).toBe(size);
    expect(made.capabilities).toEqual(capabilities);
    const body = await showModel(made, { verbose: true });
    const vocabulary = made.header?.metadata.get("tokenizer.ggml.tokens");
    expect(body.model_info["tokenizer.ggml.tokens"]).toHaveLength(typeof vocabulary === "object" ? vocabulary.length : -1);
  });

  it("refuses a real model that was cut", async () => {
    const digest = await bench.add(readFileSync(path.join(shared, "stories260K.gguf")).subarray(0, 1_000_000));
    await expect(bench.create({ files: { "cut.gguf": digest } })).rejects.toThrow(/invalid GGUF file "cut.gguf": truncated/);
  });
});
