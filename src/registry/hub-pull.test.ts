import { createHash } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import http from "node:http";
import type { AddressInfo } from "node:net";
import os from "node:os";
import path from "node:path";
import fc from "fast-check";
import { afterEach, beforeEach, expect, test } from "vitest";
import { readConfig } from "../config.ts";
import { readGguf } from "../models/gguf/read.ts";
import { type Entry, writeGguf } from "../models/gguf/write.ts";
import { parseName } from "../models/name.ts";
import { ModelStore } from "../models/store.ts";
import { RegistryClient } from "./client.ts";
import { parseFiles } from "./hub-pull.ts";
import type { TransferProgress } from "./pull.ts";

/** As much of the hub as a pull sees. */
let hub: Awaited<ReturnType<typeof startHub>>;
let folder: string;
let store: ModelStore;

beforeEach(async () => {
  folder = mkdtempSync(path.join(os.tmpdir(), "puna-hub-"));
  hub = await startHub();
});
afterEach(async () => {
  await hub.close();
  rmSync(folder, { recursive: true, force: true });
});

async function startHub() {
  const files = new Map<string, Buffer>();
  const asked: { path: string; authorization: string | undefined }[] = [];
  const state = {
    manifest: { status: 400, body: '{"error":"The specified tag is a sharded GGUF."}' },
    token: "",
    pageSize: 1000,
  };
  const server = http.createServer((request, response) => {
    const url = new URL(request.url ?? "", `http://${request.headers.host}`);
    asked.push({ path: url.pathname, authorization: request.headers.authorization });
    if (state.token && request.headers.authorization !== `Bearer ${state.token}`)
      return void response.writeHead(401).end("Invalid username or password.");
    if (url.pathname.startsWith("/v2/")) return void response.writeHead(state.manifest.status).end(state.manifest.body);
    if (url.pathname === "/api/models/org/repo/tree/main") {
      const all = [...files].map(([name, bytes]) => ({
        type: "file",
        path: name,
        size: bytes.length,
        oid: "0".repeat(40),
        ...(name.endsWith(".gguf") && {
          lfs: { oid: createHash("sha256").update(bytes).digest("hex"), size: bytes.length, pointerSize: 134 },
        }),
      }));
      const page = Number(url.searchParams.get("cursor") ?? 0);
      const next = (page + 1) * state.pageSize;
      if (next < all.length)
        response.setHeader("link", `<${url.origin}${url.pathname}?recursive=true&cursor=${page + 1}>; rel="next"`);
      return void response.end(JSON.stringify([{ type: "directory", path: "x" }, ...all.slice(page * state.pageSize, next)]));
    }
    const bytes = files.get(decodeURIComponent(url.pathname.replace("/org/repo/resolve/main/", "")));
    if (!bytes) return void response.writeHead(404).end();
    const [, start = 0, end = bytes.length - 1] = (/^bytes=(\d+)-(\d+)$/.exec(request.headers.range ?? "") ?? []).map(Number);
    response.writeHead(206, { "content-range": `bytes ${start}-${end}/${bytes.length}` }).end(bytes.subarray(start, end + 1));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    files,
    asked,
    state,
    url,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function makeClient(env: Record<string, string> = {}): RegistryClient {
  const config = readConfig({ PUNA_HOME: folder, HF_ENDPOINT: hub.url, ...env });
  store = new ModelStore(config.models);
  return new RegistryClient({
    store,
    config,
    versions: { puna: "0.1.0", ollama: "0.32.0" },
    times: { backoffMs: 1, everyMs: 1 },
  });
}

async function pull(name: string, env: Record<string, string> = {}): Promise<TransferProgress[]> {
  const client = makeClient(env);
  const lines: TransferProgress[] = [];
  try {
    const parsed = parseName(name)!;
    for await (const line of client.pull(parsed, { insecure: false, signal: new AbortController().signal })) lines.push(line);
  } finally {
    client.close();
  }
  return lines;
}

/** A model in so many parts, one tensor each. */
async function addSplit(stem: string, count: number): Promise<void> {
  for (let no = 0; no < count; no++) {
    const number = (value: number) => String(value).padStart(5, "0");
    const file = path.join(folder, `${no}.gguf`);
    const u32 = (key: string, value: number): Entry => ({ key, type: 4, value });
    const metadata: Entry[] = [
      ...(no === 0 ? modelEntries() : []),
      { key: "split.no", type: 2, value: no },
      { key: "split.count", type: 2, value: count },
      u32("split.tensors.count", count),
    ];
    const name = no === 0 ? "token_embd.weight" : `blk.${no - 1}.attn_norm.weight`;
    await writeGguf(file, { metadata, tensors: [{ name, shape: [8, 3], type: 1, data: new Uint8Array(48).fill(no) }] });
    hub.files.set(`${stem}-${number(no + 1)}-of-${number(count)}.gguf`, readFileSync(file));
    rmSync(file);
  }
}

function modelEntries(): Entry[] {
  const u32 = (key: string, value: number): Entry => ({ key, type: 4, value });
  return [
    { key: "general.architecture", type: 8, value: "llama" },
    u32("llama.block_count", 1),
    u32("llama.context_length", 256),
    u32("llama.embedding_length", 8),
    u32("llama.attention.head_count", 2),
    { key: "llama.attention.layer_norm_rms_epsilon", type: 6, value: Math.fround(1e-5) },
    { key: "tokenizer.ggml.model", type: 8, value: "llama" },
    { key: "tokenizer.ggml.tokens", type: 9, value: { type: 8, length: 3, items: ["a", "b", "c"] } },
  ];
}

test("a split model is fetched in parts and becomes one; a second pull fetches nothing", async () => {
  await addSplit("Q4_K_M/M-Q4_K_M", 3);
  hub.state.pageSize = 2;
  const lines = await pull("hf.co/org/repo:Q4_K_M");
  expect(
    lines.map(({ status }) => status.replace(/ [0-9a-f]{12}$/, " …")).filter((status, i, all) => status !== all[i - 1]),
  ).toEqual(["pulling manifest", "pulling …", "verifying sha256 digest", "joining 3 files", "writing manifest", "success"]);
  const model = await store.open(parseName("hf.co/org/repo:Q4_K_M")!);
  const header = await readGguf(model.modelPath ?? "");
  expect(header.tensors.map(({ name }) => name)).toEqual([
    "token_embd.weight",
    "blk.0.attn_norm.weight",
    "blk.1.attn_norm.weight",
  ]);
  expect(header.metadata.has("split.count")).toBe(false);
  expect(model.config).toMatchObject({ model_format: "gguf", model_family: "llama" });
  // The parts themselves have gone.
  const parts = [...hub.files.values()].map((bytes) => `sha256:${createHash("sha256").update(bytes).digest("hex")}`);
  expect(await Promise.all(parts.map((digest) => store.hasBlob(digest)))).toEqual([false, false, false]);
  const before = hub.asked.filter(({ path }) => path.includes("/resolve/")).length;
  expect((await pull("hf.co/org/repo:q4_k_m")).at(-1)).toEqual({ status: "success" });
  expect(hub.asked.filter(({ path }) => path.includes("/resolve/")).length).toBe(before);
  expect(await store.list()).toHaveLength(1);
});

test("a private repository needs the token, and gets it", async () => {
  await addSplit("M-Q8_0", 2);
  hub.state.token = "hf_secret";
  await expect(pull("hf.co/org/repo")).rejects.toThrow(
    "pull model manifest: unauthorized: access denied; check the name; for a private or gated repository, start the server with an access token in HF_TOKEN",
  );
  expect((await pull("huggingface.co/org/repo", { HF_TOKEN: "hf_secret" })).at(-1)).toEqual({ status: "success" });
  expect(hub.asked.at(-1)?.authorization).toBe("Bearer hf_secret");
});

test("the token is not for other registries", async () => {
  hub.state.manifest = { status: 404, body: "" };
  const host = new URL(hub.url).host;
  await expect(pull(`${host}/org/repo`, { HF_TOKEN: "hf_secret" })).rejects.toThrow("file does not exist");
  expect(hub.asked.every(({ authorization }) => authorization === undefined)).toBe(true);
});

test.each([
  [
    "safetensors only",
    ["model-00001-of-00002.safetensors", "config.json"],
    "hf.co/org/repo holds its weights as safetensors, and only GGUF files can be pulled",
  ],
  ["nothing", ["README.md"], "hf.co/org/repo holds no GGUF file"],
  [
    "paths that would leave a folder",
    ["../../../etc/passwd.gguf", "x/../../y-00001-of-00002.gguf"],
    "has only|blob|invalid|not in GGUF|begins with",
  ],
])("%s", async (_, paths, message) => {
  for (const name of paths) hub.files.set(name, Buffer.from("content of a file that is no model"));
  await expect(pull("hf.co/org/repo")).rejects.toThrow(new RegExp(message));
  expect(await store.list()).toEqual([]);
});

test("a repository that is not there", async () => {
  hub.state.manifest = { status: 404, body: "" };
  await expect(pull("hf.co/org/other")).rejects.toThrow("pull model manifest: file does not exist; check the name");
});

test("a list of files is read, or refused in words; a digest is one, or none", () => {
  const oid = "ab".repeat(32);
  const list = [
    { type: "file", path: "a", size: 10, oid: "x" },
    { type: "file", path: "b", size: 130, lfs: { oid, size: 5000 } },
    { type: "file", path: "c", size: 130, lfs: { oid: "../../x", size: 1 } },
    { type: "file", path: "d", size: -1 },
    { type: "directory", path: "e" },
    "f",
  ];
  expect(parseFiles(Buffer.from(JSON.stringify(list)))).toEqual([
    { path: "a", sizeBytes: 10, digest: undefined },
    { path: "b", sizeBytes: 5000, digest: `sha256:${oid}` },
    { path: "c", sizeBytes: 1, digest: undefined },
  ]);
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
      try {
        for (const { digest } of parseFiles(Buffer.from(text)))
          expect(digest ?? `sha256:${oid}`).toMatch(/^sha256:[0-9a-f]{64}$/);
      } catch (error) {
        expect(String(error)).toContain("the list of the repository's files cannot be read");
      }
    }),
  );
});

test("a split model is current until one of its parts is another", async () => {
  await addSplit("Q4_K_M/M-Q4_K_M", 2);
  await pull("hf.co/org/repo:Q4_K_M");
  const client = makeClient();
  const isCurrent = () =>
    client.isCurrent(parseName("hf.co/org/repo:Q4_K_M")!, { insecure: false, signal: new AbortController().signal });
  expect(await isCurrent()).toBe(true);
  const [part = ""] = hub.files.keys();
  hub.files.set(part, Buffer.from("another"));
  expect(await isCurrent()).toBe(false);
  client.close();
});
