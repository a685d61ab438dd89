/** Creating a model from uploaded safetensors, adapters in safetensors and split GGUF files. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Canceled, Invalid } from "../../src/errors.ts";
import { createModel } from "../../src/models/create.ts";
import { readGguf } from "../../src/models/gguf/read.ts";
import { writeGguf } from "../../src/models/gguf/write.ts";
import { parseName } from "../../src/models/name.ts";
import { embeddings, metadata, u32, Workbench } from "../models/workbench.ts";
import { filesOf } from "./fixtures.ts";

let bench: Workbench;
beforeEach(() => {
  bench = new Workbench();
});
afterEach(() => bench[Symbol.dispose]());

/** Uploads a model's files; `change` gives other bytes, or undefined to leave one out. */
async function upload(name: string, change: (file: string, bytes: Buffer) => Buffer | undefined = (_, bytes) => bytes) {
  const files: Record<string, string> = {};
  for (const { name: file, path: at } of filesOf(name)) {
    const bytes = change(file, readFileSync(at));
    if (bytes) files[file] = await bench.add(bytes);
  }
  return files;
}

const partials = () => readdirSync(bench.store.blobs.folder).filter((name) => name.includes("partial"));

describe.skipIf(!existsSync(path.resolve(import.meta.dirname, "../../dist/models/convert/thread.js")))("with a build", () => {
  it("makes an F16 model with Ollama's statuses", async () => {
    const statuses = await bench.create({ files: await upload("qwen3"), system: "S" });
    expect([...new Set(statuses.map((status) => status.replace(/ sha256:.*/, "")))]).toEqual([
      "converting model",
      "creating new layer",
      "writing manifest",
      "success",
    ]);
    const made = await bench.open();
    expect(made.config).toMatchObject({ model_format: "gguf", model_family: "qwen3", file_type: "F16" });
    expect(made.capabilities).toEqual(["completion"]);
    const header = await readGguf(made.modelPath ?? "");
    expect(header.metadata.get("tokenizer.chat_template")).toContain("{% for m in messages %}");
    expect(header.metadata.get("general.name")).toBe("m");
    expect(header.tensors.find(({ name }) => name === "blk.0.attn_q.weight")).toMatchObject({ typeName: "F16", shape: [24, 48] });
    expect(header.tensors.find(({ name }) => name === "output_norm.weight")?.typeName).toBe("F32");
    expect(partials()).toEqual([]);
  });

  it.each([
    ["bf16", "BF16"],
    ["F32", "unknown"],
    ["f16", "F16"],
  ])("writes %s directly", async (quantize, shown) => {
    await bench.create({ files: await upload("llama"), quantize });
    const made = await bench.open();
    expect(made.config.file_type).toBe(shown);
    const header = await readGguf(made.modelPath ?? "");
    expect(header.tensors.find(({ name }) => name === "token_embd.weight")?.typeName).toBe(quantize.toUpperCase());
  });

  it("makes an embedding model", async () => {
    await bench.create({ files: await upload("bert") });
    expect((await bench.open()).capabilities).toEqual(["embedding"]);
  });

  it("puts an adapter on a model", async () => {
    await bench.create({ files: await upload("llama") });
    const statuses = await bench.create({ model: "tuned", from: "m", adapters: await upload("lora") });
    expect(statuses[0]).toBe("converting adapter");
    const made = await bench.open("tuned");
    expect(made.adapterPaths).toHaveLength(1);
    const header = await readGguf(made.adapterPaths[0] ?? "");
    expect(header.metadata.get("general.type")).toBe("adapter");
    expect(header.tensors.map(({ name }) => name)).toContain("blk.0.attn_q.weight.lora_a");
  });

  const edit = (file: string, change: (json: Record<string, unknown>) => unknown) => (name: string, bytes: Buffer) =>
    name === file ? Buffer.from(JSON.stringify(change(JSON.parse(bytes.toString())))) : bytes;
  const without = (file: string) => (name: string, bytes: Buffer) => (name === file ? undefined : bytes);
  const config = (values: object) => edit("config.json", (json) => ({ ...json, ...values }));

  it.each<[string, RegExp, string, (name: string, bytes: Buffer) => Buffer | undefined]>([
    ["no config.json", /"config.json" is missing/, "llama", without("config.json")],
    ["no tokenizer", /the tokenizer is missing/, "llama", without("tokenizer.json")],
    ["an unknown architecture", /unsupported architecture "Foo"; these can/, "llama", config({ architectures: ["Foo"] })],
    ["a quantised model", /quantised already \(gptq\)/, "llama", config({ quantization_config: { quant_method: "gptq" } })],
    [
      "other sizes",
      /has the shape \[32,32\] where "config.json" makes it \[\d+,32\]/,
      "llama",
      config({ num_attention_heads: 8 }),
    ],
    ["absurd sizes", /hidden_size is 1e\+300, outside 1 to/, "llama", config({ hidden_size: 1e300 })],
    ["too many layers", /num_hidden_layers is 513/, "llama", config({ num_hidden_layers: 513 })],
    ["more layers than there are", /"layers.2.input_layernorm.weight" is missing/, "llama", config({ num_hidden_layers: 3 })],
    ["fewer layers than there are", /"layers.1\.[^"]*" and 8 more is not known/, "llama", config({ num_hidden_layers: 1 })],
    ["another activation", /hidden_act is "relu"/, "llama", config({ hidden_act: "relu" })],
    ["another rope", /type "weird" cannot be converted/, "llama", config({ rope_scaling: { type: "weird" } })],
    [
      "a missing shard",
      /"model-00002-of-00003.safetensors", which is not there/,
      "qwen3",
      without("model-00002-of-00003.safetensors"),
    ],
    [
      "an index that leads elsewhere",
      /names "\.\.\/\.\.\/secret.safetensors", which is no safetensors file beside it/,
      "qwen3",
      edit("model.safetensors.index.json", () => ({ weight_map: { x: "../../secret.safetensors" } })),
    ],
    [
      "an index that lies",
      /tensor "lm_head.weight" is not in "model-00001-of-00003.safetensors"/,
      "qwen3",
      edit("model.safetensors.index.json", (json) => ({
        weight_map: { ...(json.weight_map as object), "lm_head.weight": "model-00001-of-00003.safetensors" },
      })),
    ],
    [
      "a tokenizer that splits in an unknown way",
      /splits texts in a way that llama.cpp does not know/,
      "llama",
      edit("tokenizer.json", (json) => ({ ...json, pre_tokenizer: { type: "Punctuation" } })),
    ],
    [
      "a tokenizer.model of zeros",
      /"tokenizer.model" is no SentencePiece model/,
      "mistral",
      (name, bytes) => (name === "tokenizer.model" ? Buffer.alloc(64) : bytes),
    ],
    [
      "a header of absurd size",
      /claims a header of 18446744073709551615 bytes/,
      "llama",
      (name, bytes) => (name.endsWith("safetensors") ? Buffer.alloc(64, 0xff) : bytes),
    ],
    [
      "a cut file",
      /lies at bytes \d+ to \d+ of \d+/,
      "llama",
      (name, bytes) => (name.endsWith("safetensors") ? bytes.subarray(0, 20_000) : bytes),
    ],
    [
      "JSON that is none",
      /"config.json" is no JSON/,
      "llama",
      (name, bytes) => (name === "config.json" ? Buffer.from("{") : bytes),
    ],
  ])("refuses %s in one sentence", async (_, message, name, change) => {
    const error = await bench.create({ files: await upload(name, change) }).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ status: 400, message: expect.stringMatching(message) });
    expect(await bench.store.list()).toEqual([]);
    expect(partials()).toEqual([]);
  });

  it("refuses numbers that are none, naming the tensor", async () => {
    const spoiled = (name: string, bytes: Buffer) =>
      name.endsWith("safetensors") ? Buffer.concat([bytes.subarray(0, -2), Buffer.from([0xff, 0x7f])]) : bytes;
    await expect(bench.create({ files: await upload("llama", spoiled) })).rejects.toThrow(/^tensor "[\w.]+" is damaged/);
  });

  it("leaves nothing when the client leaves", async () => {
    const controller = new AbortController();
    const request = { name: parseName("m") ?? expect.fail(), files: await upload("llama") };
    const steps = createModel(bench.store, request, { signal: controller.signal });
    await steps.next();
    controller.abort();
    await expect(steps.next()).rejects.toThrow(Canceled);
    expect(await bench.store.list()).toEqual([]);
    expect(partials()).toEqual([]);
  });
});

describe("split GGUF files", () => {
  const part = async (no: number, count: number, name: string, tensors = 2) => {
    const file = path.join(bench.folder, `${no}-${count}-${name}.gguf`);
    const split = [
      { key: "split.no", type: 2, value: no },
      { key: "split.count", type: 2, value: count },
      { key: "split.tensors.count", type: 5, value: tensors },
    ];
    const tensor = { ...embeddings, name };
    await writeGguf(file, { metadata: [...(no === 0 ? metadata : [u32("x", 1)]), ...split], tensors: [tensor] });
    return await bench.add(readFileSync(file));
  };

  it("become one model", async () => {
    const files = {
      "m-00002-of-00002.gguf": await part(1, 2, "output.weight"),
      "m-00001-of-00002.gguf": await part(0, 2, "token_embd.weight"),
    };
    await bench.create({ files });
    const header = await readGguf((await bench.open()).modelPath ?? "");
    expect(header.tensors.map(({ name }) => name)).toEqual(["token_embd.weight", "output.weight"]);
    expect(header.metadata.has("split.count")).toBe(false);
    expect(partials()).toEqual([]);
  });

  it.each<[string, RegExp, () => Promise<Record<string, string>>]>([
    [
      "the first is missing",
      /split GGUF is missing first shard/,
      async () => ({ "m-00002-of-00002.gguf": await part(1, 2, "b") }),
    ],
    ["another is missing", /has 1 shards, expected 2/, async () => ({ "m-00001-of-00002.gguf": await part(0, 2, "a") })],
    [
      "two are the same",
      /part 2 of 2 is missing, or belongs to another model/,
      async () => ({ "m-00001-of-00002.gguf": await part(0, 2, "a"), "m-00002-of-00002.gguf": await part(0, 2, "b") }),
    ],
    ["one is no GGUF", /"m-00001-of-00001.gguf"/, async () => ({ "m-00001-of-00001.gguf": await bench.add(Buffer.alloc(99)) })],
  ])("are refused when %s", async (_, message, files) => {
    const error = await bench.create({ files: await files() }).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(Invalid);
    expect(String(error)).toMatch(message);
    expect(partials()).toEqual([]);
  });
});
