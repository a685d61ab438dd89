import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { startFakeServer } from "../../../test/support/fake-server.ts";
import { recordedTerminal } from "../../../test/support/recorded-terminal.ts";
import { readConfig } from "../../config.ts";
import { createClient } from "../client.ts";
import { create } from "./create.ts";

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), "puna-create-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const put = (name: string, text: string) => writeFileSync(path.join(folder, name), text);
const digestOf = (text: string) => `sha256:${createHash("sha256").update(text).digest("hex")}`;

/** Creates from a Modelfile; the server has the blobs of `known` texts. */
async function make(
  modelfile: string,
  { known = [], quantize, model = "made" }: { known?: string[]; quantize?: string; model?: string } = {},
) {
  put("Modelfile", modelfile);
  const blobs = ["weights", "adapter", "projector", ""].map((text) => [
    [`HEAD /api/blobs/${digestOf(text)}`, { status: known.includes(text) ? 200 : 404 }],
    [`POST /api/blobs/${digestOf(text)}`, { status: 201 }],
  ]);
  await using server = await startFakeServer({
    ...Object.fromEntries(blobs.flat()),
    "POST /api/create": { lines: [{ status: "parsing GGUF" }, { status: "success" }] },
  });
  const { terminal, written } = recordedTerminal();
  const context = { client: createClient(server.host), terminal, config: readConfig({}), now: () => new Date() };
  await create(context, model, { file: path.join(folder, "Modelfile"), ...(quantize && { quantize }) });
  return {
    written,
    body: server.asked.at(-1)?.body,
    uploads: server.asked.filter(({ method, path }) => method === "POST" && path.startsWith("/api/blobs")),
  };
}

test("every instruction finds its field", async () => {
  put("model.gguf", "weights");
  put("lora.gguf", "adapter");
  const { body, written } = await make(
    [
      "FROM ./model.gguf",
      "ADAPTER lora.gguf",
      "TEMPLATE {{ .Prompt }}",
      'SYSTEM """Be',
      'kind."""',
      "PARAMETER temperature 0.5",
      "PARAMETER stop a",
      "PARAMETER stop b",
      "PARAMETER low_vram true",
      "LICENSE one",
      "LICENSE two",
      "MESSAGE user hi: there",
      "MESSAGE assistant hello",
      "REQUIRES 0.1.0",
    ].join("\n"),
    { quantize: "q8_0" },
  );
  expect(body).toEqual({
    model: "made",
    files: { "model.gguf": digestOf("weights") },
    adapters: { "lora.gguf": digestOf("adapter") },
    template: "{{ .Prompt }}",
    system: "Be\nkind.",
    parameters: { temperature: 0.5, stop: ["a", "b"] },
    license: ["one", "two"],
    messages: [
      { role: "user", content: "hi: there" },
      { role: "assistant", content: "hello" },
    ],
    requires: "0.1.0",
    quantize: "q8_0",
  });
  const lines = written.err.trimEnd().split("\n");
  expect(lines[0]).toBe("gathering model components");
  expect(lines).toContain("warning: parameter low_vram is deprecated");
  expect(lines).toContain(`copying file ${digestOf("weights")} 0%`);
  expect(lines.slice(-2)).toEqual(["parsing GGUF", "success"]);
  expect(written.out).toBe("");
});

test("what the server has is not sent again", async () => {
  put("model.gguf", "weights");
  put("proj.gguf", "projector");
  const { uploads } = await make("FROM ./model.gguf\nFROM ./proj.gguf", { known: ["weights"] });
  expect(uploads.map(({ body }) => body)).toEqual(["projector"]);
});

test("FROM a name is left to the server", async () => {
  const { body, uploads } = await make("FROM llama3.2");
  expect(body).toEqual({ model: "made", from: "llama3.2" });
  expect(uploads).toEqual([]);
});

test("FROM a folder takes its GGUF files", async () => {
  mkdirSync(path.join(folder, "inner"));
  put("inner/b.gguf", "projector");
  put("inner/a.gguf", "weights");
  put("inner/notes.txt", "");
  const { body } = await make("FROM inner");
  expect(body).toEqual({ model: "made", files: { "a.gguf": digestOf("weights"), "b.gguf": digestOf("projector") } });
});

test("a folder cannot lead out of itself", async () => {
  mkdirSync(path.join(folder, "inner"));
  put("secret", "weights");
  symlinkSync(path.join(folder, "secret"), path.join(folder, "inner", "a.gguf"));
  await expect(make("FROM ./inner")).rejects.toThrow("insecure path: a.gguf");
});

test.each([
  ["FROM ./missing.gguf", /^no such file: .*missing\.gguf$/],
  ["FROM x\nADAPTER nothing", /^no such file: .*nothing$/],
  ["FROM .", /^no Modelfile or safetensors files found$/],
  ["PARAMETER top_k 1", /^no FROM line$/],
  ["FROM x\nPARAMETER top_k much", /^invalid int value \[much\]$/],
  ["FROM x\nPARAMETER colour red", /^unknown parameter 'colour'$/],
  ["FROM x\nREQUIRES newest", /^requires must be a valid semver \(e\.g\. 0\.14\.0\)$/],
  ["FROM x\nDRAFT y", /^DRAFT is not supported yet/],
])("%j is refused", async (modelfile, text) => {
  await expect(make(modelfile)).rejects.toThrow(text);
});

test("FROM a folder takes safetensors and what belongs to them", async () => {
  mkdirSync(path.join(folder, "inner/1_Pooling"), { recursive: true });
  for (const name of ["model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors", "consolidated.safetensors"]) {
    put(`inner/${name}`, "weights");
  }
  put("inner/config.json", "adapter");
  put("inner/1_Pooling/config.json", "projector");
  put("inner/tokenizer.model", "");
  for (const name of ["README.md", "model.gguf", "pytorch_model.bin"]) put(`inner/${name}`, "left");
  const { body } = await make("FROM inner");
  expect(body).toEqual({
    model: "made",
    files: {
      "model-00001-of-00002.safetensors": digestOf("weights"),
      "model-00002-of-00002.safetensors": digestOf("weights"),
      "config.json": digestOf("adapter"),
      "1_Pooling/config.json": digestOf("projector"),
      "tokenizer.model": digestOf(""),
    },
  });
});

test("links in the cache of Hugging Face's tools lead to its blobs", async () => {
  mkdirSync(path.join(folder, "cache/snapshots/main"), { recursive: true });
  mkdirSync(path.join(folder, "cache/blobs"));
  put("cache/blobs/1", "weights");
  symlinkSync("../../blobs/1", path.join(folder, "cache/snapshots/main/model.safetensors"));
  const { body } = await make("FROM cache/snapshots/main");
  expect(body).toEqual({ model: "made", files: { "model.safetensors": digestOf("weights") } });
  put("secret", "weights");
  symlinkSync("../../../secret", path.join(folder, "cache/snapshots/main/config.json"));
  await expect(make("FROM cache/snapshots/main")).rejects.toThrow("insecure path: config.json");
});

test("a folder of PyTorch files is refused with the way out", async () => {
  put("pytorch_model.bin", "");
  await expect(make("FROM .")).rejects.toThrow("take the safetensors of the same model");
});

test("a bad name, a missing Modelfile", async () => {
  await expect(make("FROM x", { model: "no good/" })).rejects.toThrow("invalid model name: no good/");
  const { terminal } = recordedTerminal();
  const context = { client: createClient(readConfig({}).host), terminal, config: readConfig({}), now: () => new Date() };
  await expect(create(context, "m", { file: path.join(folder, "none") })).rejects.toThrow(/^specified Modelfile wasn't found$/);
});
