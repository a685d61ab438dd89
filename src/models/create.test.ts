/** Creating and showing models in a real store. */
import { createHash } from "node:crypto";
import { copyFileSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Canceled, Failed, Invalid, NotFound } from "../errors.ts";
import { type CreateOptions, createModel } from "./create.ts";
import type { CreateRequest } from "./create-request.ts";
import type { GgufValue } from "./gguf/types.ts";
import { type Entry, type TensorInput, writeGguf } from "./gguf/write.ts";
import { parseModelfile } from "./modelfile.ts";
import { displayName, parseName } from "./name.ts";
import { parseParameters } from "./parameters.ts";
import { showModel } from "./show.ts";
import { ModelStore } from "./store.ts";

let folder: string;
let store: ModelStore;

beforeEach(async () => {
  folder = mkdtempSync(path.join(os.tmpdir(), "puna-create-"));
  store = new ModelStore(path.join(folder, "models"));
  await store.prepare();
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const sha256 = (text: string) => `sha256:${createHash("sha256").update(text).digest("hex")}`;
const u32 = (key: string, value: number): Entry => ({ key, type: 4, value });
const text = (key: string, value: string): Entry => ({ key, type: 8, value });
const tokens: GgufValue = { type: 8, length: 3, items: ["a", "b", "c"] };
const model: Entry[] = [
  text("general.architecture", "llama"),
  text("general.name", "Test"),
  u32("general.file_type", 1),
  u32("llama.block_count", 1),
  u32("llama.context_length", 128),
  u32("llama.embedding_length", 8),
  u32("llama.attention.head_count", 2),
  { key: "llama.attention.layer_norm_rms_epsilon", type: 6, value: Math.fround(1e-5) },
  { key: "llama.seed", type: 10, value: 2n ** 60n },
  text("tokenizer.ggml.model", "llama"),
  { key: "tokenizer.ggml.tokens", type: 9, value: tokens },
  text("tokenizer.chat_template", "{{ messages }}"),
];
const embeddings: TensorInput = { name: "token_embd.weight", shape: [8, 3], type: 1, data: new Uint8Array(48) };

/** Uploads a GGUF and gives its digest. */
async function upload(metadata: Entry[] = model, tensors: TensorInput[] = [embeddings]): Promise<string> {
  const file = path.join(folder, `${Math.random()}.gguf`);
  await writeGguf(file, { metadata, tensors });
  return (await store.blobs.add([readFileSync(file)])).digest;
}

async function create(request: Partial<CreateRequest> & { model?: string }, options?: CreateOptions): Promise<string[]> {
  const statuses: string[] = [];
  for await (const { status } of createModel(store, { name: parseName(request.model ?? "m")!, ...request }, options))
    statuses.push(status);
  return statuses;
}

const open = async (name = "m") => await store.open(parseName(name)!);

describe("createModel from files", () => {
  it("says what it does, in Ollama's words and order", async () => {
    const digest = await upload();
    const statuses = await create({
      files: { "dir/model.gguf": digest },
      template: "T",
      system: "S",
      license: ["L1", "L2"],
      parameters: { stop: ["x"], num_ctx: 64 },
      messages: [{ role: "user", content: "hi" }],
    });
    const created = (await open()).manifest.config.digest;
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
    expect(await open()).toMatchObject({ template: "T", system: "S", licenses: ["L1", "L2"], parameters: { num_ctx: 64 } });
  });

  it("takes a projector with the model", async () => {
    const projector = await upload([text("general.architecture", "clip"), text("general.type", "mmproj")], []);
    await create({ files: { "mmproj.gguf": projector, "model.gguf": await upload() } });
    const made = await open();
    expect(made.projectorPaths).toEqual([store.blobs.path(projector)]);
    expect(made.config.model_families).toEqual(["llama", "clip"]);
    expect(made.capabilities).toEqual(["completion", "vision"]);
  });

  it("takes an adapter", async () => {
    const adapter = await upload([text("general.architecture", "llama"), text("general.type", "adapter")], []);
    await create({ files: { "model.gguf": await upload() }, adapters: { "lora.gguf": adapter } });
    expect((await open()).adapterPaths).toEqual([store.blobs.path(adapter)]);
    const other = await upload([text("general.architecture", "gemma2"), text("general.type", "adapter")], []);
    await expect(create({ from: "m", adapters: { "a.gguf": other } })).rejects.toThrow(/is for gemma2 models, not for llama/);
    await expect(create({ from: "m", adapters: { "a.gguf": await upload() } })).rejects.toThrow(/"a.gguf" is not an adapter/);
  });
});

describe("createModel from a model", () => {
  it("inherits layers and merges, replaces or appends what is given", async () => {
    await create({
      files: { "m.gguf": await upload() },
      template: "T",
      system: "S",
      license: "L",
      parameters: { num_ctx: 64, stop: ["x"], seed: 7 },
    });
    const statuses = await create({
      model: "user/n",
      from: "M",
      system: "S2",
      license: "L2",
      parameters: { stop: ["y"], seed: null },
    });
    expect(statuses.at(-1)).toBe("success");
    expect(statuses.filter((status) => status.startsWith("using existing"))).toHaveLength(4);
    const made = await open("user/n");
    expect(made).toMatchObject({ template: "T", system: "S2", licenses: ["L", "L2"], parameters: { num_ctx: 64, stop: ["y"] } });
    expect(made.parameters).not.toHaveProperty("seed");
    expect(made.manifest.layers.map((layer) => layer.from)).toContain("m:latest");
    expect((await open("m")).system).toBe("S");
  });

  it("replaces a model by itself and removes what it no longer uses", async () => {
    await create({ files: { "m.gguf": await upload() }, system: "old" });
    await create({ from: "m", system: "new" });
    expect((await open()).system).toBe("new");
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
    await expect(create(request, { checkTemplate })).rejects.toThrow(message);
    expect(await store.list()).toEqual([]);
  });

  it.each<[string, string, () => Promise<string>]>([
    ["supplied file was not in GGUF format", "m.gguf", async () => (await store.blobs.add([Buffer.alloc(99)])).digest],
    ["convert the model to GGUF first", "m.safetensors", async () => (await store.blobs.add([Buffer.alloc(99)])).digest],
    ["unknown type", "m", async () => (await store.blobs.add([Buffer.alloc(99)])).digest],
    ["split GGUF", "m-00001-of-00002.gguf", async () => await upload()],
    [
      'cannot load "m.gguf": llama.block_count is 0',
      "m.gguf",
      async () => await upload([...model.filter((entry) => entry.key !== "llama.block_count"), u32("llama.block_count", 0)]),
    ],
    ['cannot load "m.gguf": it has no tensors', "m.gguf", async () => await upload(model, [])],
    ["is an adapter; name it with ADAPTER", "m.gguf", async () => await upload([text("general.type", "adapter")])],
    ["there is a projector and no model", "m.gguf", async () => await upload([text("general.architecture", "clip")], [])],
  ])("%s", async (message, name, make) => {
    const error = await create({ files: { [name]: await make() } }).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(Invalid);
    expect(String(error)).toContain(message);
  });

  it("a second model, and names that file", async () => {
    const files = { "a.gguf": await upload(), "b.gguf": await upload([...model, text("x", "y")]) };
    await expect(create({ files })).rejects.toThrow('"b.gguf" is a second model');
  });

  it("and leaves the old state when the client leaves", async () => {
    await create({ files: { "m.gguf": await upload() }, system: "old" });
    const before = (await open()).digest;
    const controller = new AbortController();
    const steps = createModel(store, { name: parseName("m")!, from: "m", system: "new" }, { signal: controller.signal });
    await steps.next();
    controller.abort();
    await expect(
      (async () => {
        for await (const _ of steps);
      })(),
    ).rejects.toThrow(Canceled);
    expect((await open()).digest).toBe(before);
  });

  it("a base that is not there with status 404", async () => {
    await expect(create({ from: "nothing" })).rejects.toThrow(NotFound);
  });
});

describe("createModel with quantize", () => {
  const quantized = async (output: string) => {
    await writeGguf(output, {
      metadata: model.map((entry) => (entry.key === "general.file_type" ? u32("general.file_type", 7) : entry)),
      tensors: [embeddings],
    });
  };

  it("replaces the model layer and reports progress", async () => {
    const digest = await upload();
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
    const made = await open("q");
    expect(made.config.file_type).toBe("Q8_0");
    expect(made.modelPath).not.toBe(store.blobs.path(digest));
    expect(readdirSync(store.blobs.folder).filter((name) => name.includes("partial"))).toEqual([]);
  });

  it("fails without a way to, on a quantised model, and when the work fails", async () => {
    const files = { "m.gguf": await upload() };
    await expect(create({ files, quantize: "Q4_K" })).rejects.toThrow("this server cannot quantise models");
    const broken = { quantize: async () => Promise.reject(new Failed("no memory")) };
    await expect(create({ files, quantize: "Q4_K_M" }, broken)).rejects.toThrow("no memory");
    const rows = { ...embeddings, shape: [32, 3], type: 8, data: new Uint8Array(102) };
    const small = await upload(
      [...model.filter((entry) => entry.key !== "llama.embedding_length"), u32("llama.embedding_length", 32)],
      [rows],
    );
    await expect(create({ files: { "m.gguf": small }, quantize: "Q4_K_M" }, broken)).rejects.toThrow(
      new Failed("quantization is only supported for F16, BF16 and F32 models"),
    );
    expect(readdirSync(store.blobs.folder).filter((name) => name.includes("partial"))).toEqual([]);
  });
});

describe("showModel", () => {
  it("gives Ollama's texts", async () => {
    await create({
      model: "user/shown:1",
      files: { "m.gguf": await upload() },
      template: "{{ .System }}\n{{ .Prompt }}",
      system: 'Say "hi".\nAlways.',
      license: ["First\nlicense", "Second"],
      parameters: { stop: ["<|im_end|>", " x"], temperature: 0.00001, num_ctx: 4096 },
      messages: [{ role: "user", content: "hello" }],
    });
    const shown = await open("user/shown:1");
    const body = await showModel(shown);
    expect(body.parameters).toBe(
      [
        "num_ctx                        4096",
        'stop                           "<|im_end|>"',
        'stop                           " x"',
        "temperature                    1e-05",
      ].join("\n"),
    );
    expect(body.modelfile).toBe(
      [
        '# Modelfile generated by "puna show"',
        "# To build a new Modelfile based on this, replace FROM with:",
        "# FROM user/shown:1",
        "",
        `FROM ${shown.modelPath}`,
        'TEMPLATE "{{ .System }}',
        '{{ .Prompt }}"',
        'SYSTEM """Say "hi".',
        'Always."""',
        "PARAMETER num_ctx 4096",
        "PARAMETER stop <|im_end|>",
        'PARAMETER stop " x"',
        "PARAMETER temperature 1e-05",
        'LICENSE "First',
        'license"',
        "LICENSE Second",
        "MESSAGE user hello",
        "",
      ].join("\n"),
    );
    expect(body.license).toBe("First\nlicense\nSecond");
    expect(body.details).toMatchObject({ format: "gguf", family: "llama", quantization_level: "F16" });
    expect(body.capabilities).toEqual(["completion"]);
    expect(body.tensors).toEqual([{ name: "token_embd.weight", type: "F16", shape: [8, 3] }]);
    expect(body.model_info).toMatchObject({
      "general.architecture": "llama",
      "general.parameter_count": 24,
      "llama.attention.layer_norm_rms_epsilon": 1e-5,
      "llama.seed": Number(2n ** 60n),
      "tokenizer.ggml.tokens": null,
    });
    expect(body.model_info).not.toHaveProperty("general.name");
    expect(body.model_info).not.toHaveProperty(["tokenizer.chat_template"]);
    expect((await showModel(shown, { verbose: true })).model_info["tokenizer.ggml.tokens"]).toEqual(["a", "b", "c"]);
    expect(() => JSON.stringify(body)).not.toThrow();
    const other = await showModel(shown, { system: "Other", options: { num_ctx: 1 }, template: "J" });
    expect(other.modelfile).toContain("SYSTEM Other\nPARAMETER num_ctx 1\n");
    expect(other.template).toBe("J");
  });

  it("prints a Modelfile that makes the same model again", async () => {
    await create({
      files: { "m.gguf": await upload() },
      template: 'a "b"\n{{ .Prompt }} ',
      system: ' "quoted" ',
      license: ["x\ny", "z"],
      parameters: { stop: ['"', "a\nb", ""], min_p: 0.05, use_mmap: true },
      messages: [{ role: "assistant", content: "one\ntwo" }],
    });
    const first = await open();
    const { modelfile } = await showModel(first);
    const commands = parseModelfile(modelfile);
    const all = (name: string) => commands.filter((command) => command.name === name).map(({ value }) => value);
    const named = ["model", "template", "system", "license", "message"];
    await create({
      model: "again",
      files: { "m.gguf": sha256Of(all("model")[0]!) },
      template: all("template")[0]!,
      system: all("system")[0]!,
      license: all("license"),
      parameters: parseParameters(commands.filter(({ name }) => !named.includes(name))).parameters,
      messages: all("message").map((value) => ({ role: value.split(": ")[0]!, content: value.slice(value.indexOf(": ") + 2) })),
    });
    expect((await open("again")).digest).toBe(first.digest);
  });

  it("shows the GGUF's own template when there is no other", async () => {
    await create({ files: { "m.gguf": await upload() } });
    expect((await showModel(await open())).template).toBe("{{ messages }}");
  });
});

const sha256Of = (blobPath: string) => path.basename(blobPath).replace("-", ":");
const shared = path.resolve(import.meta.dirname, "../../../shared/data/models");

describe.skipIf(!existsSync(shared))("real models (needs ../shared)", () => {
  it.each([
    ["stories260K.gguf", "llama", "293K", ["completion"]],
    ["potion-base-4M.static-bert.f16.gguf", "bert", undefined, ["embedding"]],
    ["scripted-chat.f16.gguf", "llama", undefined, ["tools", "completion"]],
  ])("%s", async (name, family, size, capabilities) => {
    const { digest } = await store.blobs.add([readFileSync(path.join(shared, name))]);
    await create({ files: { [name]: digest } });
    const made = await open();
    expect(made.config.model_family).toBe(family);
    if (size) expect(made.config.model_type).toBe(size);
    expect(made.capabilities).toEqual(capabilities);
    const body = await showModel(made, { verbose: true });
    const vocabulary = made.header?.metadata.get("tokenizer.ggml.tokens");
    expect(body.model_info["tokenizer.ggml.tokens"]).toHaveLength(typeof vocabulary === "object" ? vocabulary.length : -1);
    expect(displayName(made.name)).toBe("m:latest");
  });

  it("refuses a real model that was cut", async () => {
    const file = path.join(folder, "cut.gguf");
    copyFileSync(path.join(shared, "stories260K.gguf"), file);
    writeFileSync(file, readFileSync(file).subarray(0, 1_000_000));
    const { digest } = await store.blobs.add([readFileSync(file)]);
    await expect(create({ files: { "cut.gguf": digest } })).rejects.toThrow(/invalid GGUF file "cut.gguf": truncated/);
  });
});
