/** For tests of the model store: a store in a temporary folder, and small GGUF files to put into it. */
import { createHash } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { type CreateOptions, createModel } from "../../src/models/create.ts";
import type { CreateRequest } from "../../src/models/create-request.ts";
import { type Entry, type TensorInput, writeGguf } from "../../src/models/gguf/write.ts";
import { parseName } from "../../src/models/name.ts";
import { ModelStore } from "../../src/models/store.ts";
import type { Model } from "../../src/models/types.ts";

export const sha256 = (content: string | Uint8Array) => `sha256:${createHash("sha256").update(content).digest("hex")}`;
/** The digest of a blob by its path. */
export const digestOf = (blobPath: string) => path.basename(blobPath).replace("-", ":");
export const u32 = (key: string, value: number): Entry => ({ key, type: 4, value });
export const text = (key: string, value: string): Entry => ({ key, type: 8, value });

/** Metadata of a model that passes every check and answers nothing. */
export const metadata: Entry[] = [
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
  { key: "tokenizer.ggml.tokens", type: 9, value: { type: 8, length: 3, items: ["a", "b", "c"] } },
  text("tokenizer.chat_template", "{{ messages }}"),
];
export const embeddings: TensorInput = { name: "token_embd.weight", shape: [8, 3], type: 1, data: new Uint8Array(48) };

/** The metadata with one key changed. */
export const changed = (entry: Entry): Entry[] => [...metadata.filter(({ key }) => key !== entry.key), entry];

export class Workbench {
  readonly folder = mkdtempSync(path.join(os.tmpdir(), "puna-models-"));
  readonly store = new ModelStore(path.join(this.folder, "models"));
  #files = 0;

  /** Uploads a GGUF and gives its digest. */
  async upload(entries: Entry[] = metadata, tensors: TensorInput[] = [embeddings]): Promise<string> {
    const file = path.join(this.folder, `${this.#files++}.gguf`);
    await writeGguf(file, { metadata: entries, tensors });
    return await this.add(readFileSync(file));
  }

  async add(content: Uint8Array): Promise<string> {
    return (await this.store.blobs.add([content])).digest;
  }

  /** Creates the model `m`, or another, and gives the statuses. */
  async create(request: Partial<CreateRequest> & { model?: string }, options?: CreateOptions): Promise<string[]> {
    const statuses: string[] = [];
    const name = named(request.model ?? "m");
    for await (const { status } of createModel(this.store, { name, ...request }, options)) statuses.push(status);
    return statuses;
  }

  async open(name = "m"): Promise<Model> {
    return await this.store.open(named(name));
  }

  [Symbol.dispose](): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** A name that must be valid. */
function named(name: string) {
  const parsed = parseName(name);
  if (!parsed) throw new Error(`invalid name ${name}`);
  return parsed;
}
