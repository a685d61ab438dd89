/** A model store that Ollama made, used where it is: what each request changes on disk, and that nothing else does. */
import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { object, type TestServer, testServer } from "../../../test/fixtures/server.ts";
import { embeddings, metadata } from "../../../test/models/workbench.ts";
import { localProof } from "../../accounts/local-proof.ts";
import { configureLog } from "../../log.ts";
import { writeGguf } from "../../models/gguf/write.ts";

configureLog({ write: () => {} });

let gguf: Buffer;
let folder: string;
let models: string;
let server: TestServer;
beforeEach(async () => {
  folder = mkdtempSync(path.join(os.tmpdir(), "puna-foreign-"));
  models = path.join(folder, "models");
  await writeGguf(path.join(folder, "m.gguf"), { metadata, tensors: [embeddings] });
  gguf = readFileSync(path.join(folder, "m.gguf"));
  mkdirSync(path.join(models, "blobs"), { recursive: true });
  makeModel("library/Llama3.2/1B");
  blob("nobody uses this");
  write(`blobs/sha256-${"1".repeat(64)}-partial-0`, "a download that Ollama began");
  write("manifests/registry.ollama.ai/library/.DS_Store", "x");
  server = await testServer({ OLLAMA_MODELS: models });
});
afterEach(async () => {
  await server.close();
  rmSync(folder, { recursive: true, force: true });
});

/** All files are a day old: none is spared for being young. */
function write(name: string, content: string | Uint8Array) {
  const file = path.join(models, name);
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, content);
  const yesterday = Date.now() / 1000 - 86_400;
  utimesSync(file, yesterday, yesterday);
}

function blob(content: string | Uint8Array) {
  const hex = createHash("sha256").update(content).digest("hex");
  write(`blobs/sha256-${hex}`, content);
  return { digest: `sha256:${hex}`, size: content.length };
}

/** As Ollama's registry sends it: not in the form that Puna would write, and with fields Puna knows nothing of. */
function makeModel(name: string) {
  const layer = (type: string, content: string | Uint8Array) => ({
    mediaType: `application/vnd.ollama.image.${type}`,
    ...blob(content),
  });
  const config = { model_format: "gguf", model_family: "llama", model_type: "1B", file_type: "Q4_0", rootfs: { type: "layers" } };
  const manifest = {
    schemaVersion: 2,
    mediaType: "application/vnd.docker.distribution.manifest.v2+json",
    config: { mediaType: "application/vnd.docker.container.image.v1+json", ...blob(JSON.stringify(config)) },
    layers: [layer("model", gguf), layer("template", "{{ .Prompt }}"), layer("license", "MIT")],
    annotations: { unknown: true },
  };
  write(`manifests/registry.ollama.ai/${name}`, JSON.stringify(manifest, undefined, 1));
}

/** Every file with its content and time. */
function disk(): Record<string, string> {
  const files = readdirSync(models, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return Object.fromEntries(
    files.map((entry) => {
      const file = path.join(entry.parentPath, entry.name);
      return [
        path.relative(models, file),
        `${statSync(file).mtimeMs} ${createHash("sha256").update(readFileSync(file)).digest("hex")}`,
      ];
    }),
  );
}

test("starting, listing, showing and answering change nothing at all", async () => {
  const before = disk();
  await server.store.prepare();
  const { models: listed } = await object(await server.app.request("/api/tags"));
  expect(listed).toMatchObject([{ name: "Llama3.2:1B", details: { parameter_size: "1B", quantization_level: "Q4_0" } }]);
  const manifest = readFileSync(path.join(models, "manifests/registry.ollama.ai/library/Llama3.2/1B"));
  expect(listed[0].digest).toBe(createHash("sha256").update(manifest).digest("hex"));
  expect((await server.post("/api/show", { model: "llama3.2:1b", verbose: true })).status).toBe(200);
  const answer = await server.post("/api/generate", { model: "LLAMA3.2:1b", prompt: "hi", stream: false });
  expect(await object(answer)).toMatchObject({ response: "hi" });
  expect(disk()).toEqual(before);
});

test("a copy adds one manifest with the same bytes, and deleting it takes only that away", async () => {
  const before = disk();
  expect((await server.post("/api/copy", { source: "llama3.2:1B", destination: "mine" })).status).toBe(200);
  const added = Object.entries(disk()).filter(([file]) => !(file in before));
  expect(added.map(([file]) => file)).toEqual(["manifests/registry.ollama.ai/library/mine/latest"]);
  const original = "manifests/registry.ollama.ai/library/Llama3.2/1B";
  expect(added[0]?.[1].split(" ")[1]).toBe(before[original]?.split(" ")[1]);
  await server.app.request("/api/delete", { method: "DELETE", body: '{"model":"MINE"}' });
  expect(disk()).toEqual(before);
});

test("a new model adds what it needs, in a spelling that is there already", async () => {
  const before = disk();
  const made = await server.post("/api/create", {
    model: "LLAMA3.2:mine",
    from: "llama3.2:1b",
    system: "Be brief.",
    stream: false,
  });
  expect(await object(made)).toEqual({ status: "success" });
  const after = disk();
  expect(Object.keys(after).filter((file) => file.startsWith("manifests") && !(file in before))).toEqual([
    "manifests/registry.ollama.ai/library/Llama3.2/mine",
  ]);
  expect(Object.keys(after)).toEqual(expect.arrayContaining(Object.keys(before)));
});

test("deleting a model removes its blobs, and leaves those of no model alone", async () => {
  await server.app.request("/api/delete", { method: "DELETE", body: '{"model":"llama3.2:1b"}' });
  const left = Object.keys(disk()).sort();
  expect(left).toEqual(
    [
      `blobs/sha256-${createHash("sha256").update("nobody uses this").digest("hex")}`,
      `blobs/sha256-${"1".repeat(64)}-partial-0`,
      "manifests/registry.ollama.ai/library/.DS_Store",
    ].sort(),
  );
});

test("asked to prune, it does, unless a manifest cannot be read", async () => {
  const secret = readFileSync(path.join(server.config.home, "local-secret"), "utf8").trim();
  const ask = async () => {
    const headers = { authorization: localProof(secret, { method: "POST", path: "/puna/prune" }) };
    return await server.app.request("/puna/prune", { method: "POST", headers });
  };
  expect((await server.app.request("/puna/prune", { method: "POST" })).status).toBe(401);
  write("manifests/registry.ollama.ai/library/broken/latest", "{");
  const refused = await ask();
  expect([refused.status, (await object(refused)).error]).toEqual([
    500,
    expect.stringContaining("while a manifest cannot be read"),
  ]);
  rmSync(path.join(models, "manifests/registry.ollama.ai/library/broken"), { recursive: true });
  const before = Object.keys(disk());
  expect((await object(await ask())).removed).toBeGreaterThan(0);
  const unused = `blobs/sha256-${createHash("sha256").update("nobody uses this").digest("hex")}`;
  expect(Object.keys(disk())).toEqual(expect.arrayContaining(before.filter((file) => file.startsWith("manifests"))));
  expect(Object.keys(disk())).not.toContain(unused);
  expect((await server.post("/api/show", { model: "llama3.2:1b" })).status).toBe(200);
});
