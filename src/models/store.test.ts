/** The store on a real folder: layout, listing, copy, delete, pruning, damage. */
import { createHash } from "node:crypto";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Failed, NotFound } from "../errors.ts";
import { configureLog } from "../log.ts";
import { encodeHeader } from "./gguf/write.ts";
import { configType, encodeManifest, layerTypes } from "./manifest.ts";
import { displayName, type ModelName, parseName } from "./name.ts";
import { ModelStore } from "./store.ts";

let root: string;
let store: ModelStore;
let logged: string;

beforeEach(async () => {
  logged = "";
  configureLog({ level: "info", write: (line) => (logged += line) });
  root = path.join(mkdtempSync(path.join(os.tmpdir(), "puna-store-")), "models");
  store = new ModelStore(root);
  await store.prepare();
});
afterEach(() => rmSync(path.dirname(root), { recursive: true, force: true }));

const nameOf = (text: string): ModelName => parseName(text)!;
const sha256 = (bytes: string | Uint8Array) => createHash("sha256").update(bytes).digest("hex");
const manifestFile = (name: ModelName) => path.join(root, "manifests", name.host, name.namespace, name.model, name.tag);
const blobFiles = () => readdirSync(path.join(root, "blobs")).sort();

const gguf = encodeHeader({
  metadata: [
    { key: "general.architecture", type: 8, value: "llama" },
    { key: "tokenizer.chat_template", type: 8, value: "{% if tools %}<think></think>{% endif %}" },
  ],
  tensors: [],
});

/** Writes a small model; layers as [type, content]. */
async function makeModel(
  text: string,
  layers: [string, string | Uint8Array][],
  config = '{"model_format":"gguf"}',
): Promise<void> {
  const add = async (mediaType: string, content: string | Uint8Array) => {
    const { digest, size } = await store.blobs.add([Buffer.from(content)]);
    return { mediaType, digest, size };
  };
  const written = [];
  for (const [type, content] of layers) written.push(await add(type, content));
  await store.writeManifest(nameOf(text), encodeManifest(await add(configType, config), written));
}

describe("layout", () => {
  it("is Ollama's", async () => {
    await makeModel("user/Model:Tag", [[layerTypes.system, "You are terse."]]);
    const file = path.join(root, "manifests/registry.ollama.ai/user/Model/Tag");
    const config = sha256('{"model_format":"gguf"}');
    const system = sha256("You are terse.");
    expect(readFileSync(file, "utf8")).toBe(
      `{"schemaVersion":2,"mediaType":"application/vnd.docker.distribution.manifest.v2+json","config":{"mediaType":"application/vnd.docker.container.image.v1+json","digest":"sha256:${config}","size":23},"layers":[{"mediaType":"application/vnd.ollama.image.system","digest":"sha256:${system}","size":14}]}\n`,
    );
    expect(blobFiles()).toEqual([`sha256-${config}`, `sha256-${system}`].sort());
  });
});

describe("list and find", () => {
  it("sorts by time, newest first, and gives size and digest", async () => {
    await makeModel("old", [[layerTypes.system, "a"]]);
    await makeModel("new", [[layerTypes.system, "bb"]]);
    utimesSync(manifestFile(nameOf("old")), 1000, 1000);
    const models = await store.list();
    expect(models.map((model) => displayName(model.name))).toEqual(["new:latest", "old:latest"]);
    expect(models[1]?.size).toBe(24);
    expect(models[1]?.digest).toBe(sha256(readFileSync(manifestFile(nameOf("old")))));
    expect(models[1]?.modifiedAt).toEqual(new Date(1_000_000));
  });

  it("finds names in any case and keeps the first spelling", async () => {
    await makeModel("Hf.co/Org/Repo-GGUF:Q4_K_M", [[layerTypes.system, "a"]]);
    const found = await store.find(nameOf("hf.co/ORG/repo-gguf:q4_k_m"));
    expect(found && displayName(found)).toBe("Hf.co/Org/Repo-GGUF:Q4_K_M");
    await makeModel("hf.co/org/REPO-gguf:q4_k_m", [[layerTypes.system, "b"]]);
    expect(await store.list()).toHaveLength(1);
    await makeModel("hf.co/org/REPO-gguf:other", [[layerTypes.system, "b"]]);
    expect((await store.list()).map((model) => model.name.model)).toEqual(["Repo-GGUF", "Repo-GGUF"]);
  });

  it("leaves a damaged model out with a warning, and says what is wrong when it is opened", async () => {
    await makeModel("good", [[layerTypes.system, "a"]]);
    mkdirSync(path.dirname(manifestFile(nameOf("bad"))), { recursive: true });
    writeFileSync(manifestFile(nameOf("bad")), "{not json");
    writeFileSync(path.join(root, "manifests", ".DS_Store"), "x");
    expect((await store.list()).map((model) => displayName(model.name))).toEqual(["good:latest"]);
    expect(logged).toContain("the manifest of model 'bad:latest' is damaged");
    await expect(store.open(nameOf("bad"))).rejects.toThrow(/manifest of model 'bad:latest' is damaged \(it is not JSON\)/);
  });

  it.each([
    ["[]", "not an object"],
    ["{}", "no layers"],
    ['{"layers":[]}', "config is not an object"],
    ['{"config":{"digest":"sha256:../../x","size":1},"layers":[]}', "digest of its config"],
    [`{"config":{"digest":"sha256:${"0".repeat(64)}","size":-1},"layers":[]}`, "size of its config"],
    [`{"config":{"digest":"sha256:${"0".repeat(64)}","size":1},"layers":[7]}`, "layer 0 is not an object"],
  ])("refuses the manifest %s", async (text, problem) => {
    mkdirSync(path.dirname(manifestFile(nameOf("bad"))), { recursive: true });
    writeFileSync(manifestFile(nameOf("bad")), text);
    const error = await store.open(nameOf("bad")).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(Failed);
    expect(String(error)).toContain(problem);
  });
});

describe("open", () => {
  it("reads every layer", async () => {
    await makeModel("m", [
      [layerTypes.model, gguf],
      [layerTypes.template, "{{ .Prompt }}{{ if .Suffix }}{{ end }}"],
      [layerTypes.system, "You are terse."],
      [layerTypes.params, '{"stop":["<|a|>"],"temperature":0.5}'],
      [layerTypes.messages, '[{"role":"user","content":"hi"},{"role":"assistant"}]'],
      [layerTypes.license, "MIT"],
      [layerTypes.license, "More"],
    ]);
    const model = await store.open(nameOf("M"));
    expect(model).toMatchObject({
      modelPath: store.blobs.path(`sha256:${sha256(gguf)}`),
      adapterPaths: [],
      template: "{{ .Prompt }}{{ if .Suffix }}{{ end }}",
      system: "You are terse.",
      parameters: { stop: ["<|a|>"], temperature: 0.5 },
      messages: [
        { role: "user", content: "hi" },
        { role: "assistant", content: "" },
      ],
      licenses: ["MIT", "More"],
      capabilities: ["tools", "thinking", "completion", "insert"],
    });
    expect(model.header?.architecture).toBe("llama");
  });

  it("names a missing blob, and a model that is not there", async () => {
    await makeModel("m", [[layerTypes.model, gguf]]);
    await store.blobs.remove(`sha256:${sha256(gguf)}`);
    await expect(store.open(nameOf("m"))).rejects.toThrow(
      `model 'm:latest' is incomplete: its blob sha256:${sha256(gguf)} is missing`,
    );
    await expect(store.open(nameOf("x"))).rejects.toThrow(new NotFound("model 'x:latest' not found"));
  });

  it("sees at once what has changed since it was opened before", async () => {
    await makeModel("m", [
      [layerTypes.model, gguf],
      [layerTypes.system, "One."],
    ]);
    expect((await store.open(nameOf("m"))).system).toBe("One.");
    // As long as before, and written by another process: nobody here is told.
    const other = new ModelStore(root);
    const { digest, size } = await other.blobs.add([Buffer.from("Two.")]);
    const { config, layers } = (await other.manifest(nameOf("m"))).manifest;
    const changed = layers.map((layer) => (layer.mediaType === layerTypes.system ? { ...layer, digest, size } : layer));
    await other.writeManifest(nameOf("m"), encodeManifest(config, changed));
    expect((await store.open(nameOf("m"))).system).toBe("Two.");
    await other.blobs.remove(digest);
    await expect(store.open(nameOf("m"))).rejects.toThrow("is incomplete");
    await other.delete(nameOf("m"));
    expect(await store.find(nameOf("m"))).toBeUndefined();
    await expect(store.open(nameOf("m"))).rejects.toThrow(NotFound);
  });

  it("asks each time whether the caller may have it", async () => {
    await makeModel("m", [[layerTypes.model, gguf]]);
    let refused: Failed | undefined;
    const asked = new ModelStore(root, { forbidden: () => refused });
    await asked.open(nameOf("m"));
    refused = new Failed("not yours");
    await expect(asked.open(nameOf("m"))).rejects.toThrow("not yours");
  });

  it("refuses a model that is no GGUF", async () => {
    await makeModel("m", [[layerTypes.model, "<html>not a model, but a page of text</html>"]]);
    await expect(store.open(nameOf("m"))).rejects.toThrow(/invalid GGUF file "sha256-.*": it begins with the bytes/);
  });
});

describe("copy and delete", () => {
  it("copies only the manifest", async () => {
    await makeModel("a", [[layerTypes.system, "x"]]);
    const before = blobFiles();
    await store.copy(nameOf("A"), nameOf("user/b:c"));
    expect(blobFiles()).toEqual(before);
    const [a, b] = [await store.read(nameOf("a")), await store.read(nameOf("user/b:c"))];
    expect(b.digest).toBe(a.digest);
    await store.copy(nameOf("a"), nameOf("A"));
    await expect(store.copy(nameOf("none"), nameOf("b"))).rejects.toThrow(new NotFound('model "none:latest" not found'));
  });

  it("deletes the blobs that nothing else uses, and empty folders", async () => {
    await makeModel("a", [
      [layerTypes.system, "shared"],
      [layerTypes.license, "mine"],
    ]);
    await makeModel("user/b", [[layerTypes.system, "shared"]]);
    await store.delete(nameOf("A"));
    expect(existsSync(path.join(root, "manifests/registry.ollama.ai/library"))).toBe(false);
    expect(blobFiles()).toHaveLength(2);
    await store.delete(nameOf("user/b"));
    expect(blobFiles()).toEqual([]);
    expect(readdirSync(path.join(root, "manifests"))).toEqual([]);
    await expect(store.delete(nameOf("a"))).rejects.toThrow(new NotFound("model 'a:latest' not found"));
  });

  it("keeps all blobs while another manifest cannot be read", async () => {
    await makeModel("a", [[layerTypes.system, "x"]]);
    mkdirSync(path.dirname(manifestFile(nameOf("bad"))), { recursive: true });
    writeFileSync(manifestFile(nameOf("bad")), "");
    await store.delete(nameOf("a"));
    expect(blobFiles()).toHaveLength(2);
    expect(logged).toContain("unused blobs are kept");
  });

  it("removes what a replaced model alone used", async () => {
    await makeModel("a", [[layerTypes.system, "old"]]);
    await makeModel("a", [[layerTypes.system, "new"]]);
    expect(blobFiles()).toEqual([`sha256-${sha256("new")}`, `sha256-${sha256('{"model_format":"gguf"}')}`].sort());
  });

  it("refuses a manifest whose blobs are gone, and keeps the old one", async () => {
    await makeModel("a", [[layerTypes.system, "x"]]);
    const old = await store.read(nameOf("a"));
    const layer = { mediaType: layerTypes.system, digest: `sha256:${"0".repeat(64)}`, size: 1 };
    await expect(store.writeManifest(nameOf("a"), encodeManifest(old.manifest.config, [layer]))).rejects.toThrow(
      /blob sha256:0+ is missing/,
    );
    expect((await store.read(nameOf("a"))).digest).toBe(old.digest);
    await expect(store.writeManifest(nameOf("b"), encodeManifest(old.manifest.config, [layer]))).rejects.toThrow(Failed);
    expect(await store.find(nameOf("b"))).toBeUndefined();
  });

  it("stays whole when many things happen at once", async () => {
    const others = Array.from({ length: 4 }, () => new ModelStore(root));
    await Promise.all(
      Array.from({ length: 24 }, async (_, i) => {
        const at = others[i % 4]!;
        const { digest, size } = await at.blobs.add([Buffer.from("shared")]);
        const config = await at.blobs.add([Buffer.from("{}")]);
        const layers = [{ mediaType: layerTypes.system, digest, size }];
        await at.writeManifest(nameOf(`m${i}`), encodeManifest({ mediaType: configType, ...config }, layers)).catch(() => {});
        if (i % 2) await at.delete(nameOf(`m${i}`)).catch(() => {});
      }),
    );
    for (const model of await store.list()) expect((await store.open(model.name)).system).toBe("shared");
  });
});

describe("prepare", () => {
  const age = (name: string, hours: number) => {
    const seconds = Date.now() / 1000 - hours * 3600;
    utimesSync(path.join(root, "blobs", name), seconds, seconds);
  };

  it("prunes unused blobs and partial files older than an hour", async () => {
    await makeModel("a", [[layerTypes.system, "used"]]);
    const used = blobFiles();
    const { digest } = await store.blobs.add([Buffer.from("unused")]);
    const young = await store.blobs.add([Buffer.from("young")]);
    const partial = `sha256-${"1".repeat(64)}-partial-0`;
    const youngPartial = `sha256-${"2".repeat(64)}-partial`;
    for (const name of [partial, youngPartial]) writeFileSync(path.join(root, "blobs", name), "x");
    for (const name of [...used, digest.replace(":", "-"), partial]) age(name, 2);
    mkdirSync(path.join(root, "manifests/host/ns/empty"), { recursive: true });
    await new ModelStore(root, { noPrune: true }).prepare();
    expect(blobFiles()).toHaveLength(6);
    await new ModelStore(root).prepare();
    expect(blobFiles()).toEqual([...used, young.digest.replace(":", "-"), youngPartial].sort());
    expect(existsSync(path.join(root, "manifests/host"))).toBe(false);
  });

  it("prunes nothing while a manifest is damaged", async () => {
    await makeModel("a", [[layerTypes.system, "used"]]);
    writeFileSync(manifestFile(nameOf("a")), "{}");
    for (const name of blobFiles()) age(name, 2);
    await new ModelStore(root).prepare();
    expect(blobFiles()).toHaveLength(2);
  });

  it("prunes nothing in a store that another program made", async () => {
    const foreign = path.join(path.dirname(root), "foreign");
    mkdirSync(path.join(foreign, "blobs"), { recursive: true });
    const file = path.join(foreign, "blobs", `sha256-${"3".repeat(64)}`);
    writeFileSync(file, "x");
    utimesSync(file, 1000, 1000);
    const other = new ModelStore(foreign);
    await other.prepare();
    expect(await other.isOwn()).toBe(false);
    expect(existsSync(file)).toBe(true);
  });

  it("says in one sentence that a store cannot be written", async () => {
    const file = path.join(path.dirname(root), "file");
    writeFileSync(file, "");
    const blocked = new ModelStore(path.join(file, "models"));
    await blocked.prepare();
    expect(logged).toContain("a part of its path is a file");
    expect(await blocked.list()).toEqual([]);
    await expect(blocked.blobs.add([Buffer.from("x")])).rejects.toThrow(
      /^cannot write to the model store .*: a part of its path is a file/,
    );
  });

  it.skipIf(process.getuid?.() === 0)("says so when permission is missing (needs a user other than root)", async () => {
    await makeModel("a", [[layerTypes.system, "x"]]);
    chmodSync(path.join(root, "blobs"), 0o555);
    await expect(store.blobs.add([Buffer.from("y")])).rejects.toThrow(/permission denied; make it writable/);
    chmodSync(path.join(root, "blobs"), 0o755);
  });
});
