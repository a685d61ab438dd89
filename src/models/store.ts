/** The model store: Ollama's layout on disk, byte for byte, so that an existing store works. */
import { mkdir, readdir, stat, writeFile } from "node:fs/promises";
import path from "node:path";
import { Failed, messageOf, NotFound, type PunaError } from "../errors.ts";
import { logger } from "../log.ts";
import { Blobs } from "./blobs.ts";
import { storeError } from "./files.ts";
import { readGguf } from "./gguf/read.ts";
import type { GgufHeader } from "./gguf/types.ts";
import { readModel } from "./layers.ts";
import { isRecord, manifestDigest, parseManifest, referencedDigests } from "./manifest.ts";
import { Manifests } from "./manifests.ts";
import { displayName, type ModelName, sameName } from "./name.ts";
import { OpenedModels, type Stamp, stampOf } from "./opened.ts";
import type { Manifest, Model, ModelConfig, StoredModel } from "./types.ts";

const log = logger("models");
/** In a store with this file, unused blobs may be pruned: Puna made it. */
const MARKER = ".puna";
const HOUR_MS = 3_600_000;
const CACHED_HEADERS = 32;

/** A manifest as it lies on disk. */
export interface ManifestBytes {
  bytes: Buffer;
  manifest: Manifest;
  /** `sha256:<hex>` of the bytes. */
  digest: string;
}

export interface StoreOptions {
  noPrune?: boolean;
  /** Asked for every model that is looked for: why the present caller may not have it. Undefined: it may. */
  forbidden?: (name: ModelName) => PunaError | undefined;
}

/** Models on disk. Several processes may share one store. */
export class ModelStore {
  readonly root: string;
  readonly blobs: Blobs;
  readonly #manifests: Manifests;
  readonly #noPrune: boolean;
  readonly #forbidden: NonNullable<StoreOptions["forbidden"]>;
  readonly #headers = new Map<string, Promise<GgufHeader>>();
  readonly #opened = new OpenedModels();
  #turn: Promise<unknown> = Promise.resolve();

  constructor(root: string, options: StoreOptions = {}) {
    this.root = path.resolve(root);
    this.blobs = new Blobs(this.root);
    this.#manifests = new Manifests(this.root);
    this.#noPrune = options.noPrune ?? false;
    this.#forbidden = options.forbidden ?? (() => undefined);
  }

  /** Makes the folder if need be and prunes what no model uses. To be called once at start; a store that cannot be written is only warned of. */
  async prepare(): Promise<void> {
    try {
      await this.#makeRoot();
      if (!this.#noPrune && (await this.isOwn())) await this.prune();
    } catch (error) {
      log.warn(messageOf(storeError(error, this.root)));
    }
  }

  /** Whether Puna created this store. Another program's is never pruned. */
  async isOwn(): Promise<boolean> {
    return (await stat(path.join(this.root, MARKER)).catch(() => undefined))?.isFile() ?? false;
  }

  /** All models that the caller may have, last changed first. A damaged one is left out with a warning. */
  async list(): Promise<StoredModel[]> {
    const models: StoredModel[] = [];
    for (const name of await this.#manifests.names()) {
      if (this.#forbidden(name)) continue;
      try {
        const model = await this.#read(name);
        if (model) models.push(model);
      } catch (error) {
        log.warn(messageOf(error), { model: displayName(name) });
      }
    }
    const seconds = (model: StoredModel) => Math.floor(model.modifiedAt.getTime() / 1000);
    return models.sort((a, b) => seconds(b) - seconds(a) || (displayName(a.name) < displayName(b.name) ? -1 : 1));
  }

  /** The names of all models that the caller may have, in no particular order. */
  async names(): Promise<ModelName[]> {
    return (await this.#manifests.names()).filter((name) => !this.#forbidden(name));
  }

  /** A manifest, byte for byte. Throws NotFound, or Failed when it is damaged. */
  async manifest(name: ModelName): Promise<ManifestBytes> {
    const found = await this.find(name);
    const file = found && (await this.#manifests.read(found));
    if (!file) throw new NotFound(`model '${displayName(name)}' not found`);
    const manifest = parseManifest(file.bytes, `model '${displayName(name)}'`);
    return { bytes: file.bytes, manifest, digest: `sha256:${manifestDigest(file.bytes)}` };
  }

  /** The name as the store spells it; undefined when there is no such model. Throws for a caller who may not have it. */
  async find(name: ModelName): Promise<ModelName | undefined> {
    this.#refuseForbidden(name);
    if (this.#opened.get(this.#manifests.fileOf(name))) return name;
    const found = await this.#manifests.resolve(name);
    return found.exists ? found.name : undefined;
  }

  /** The name a new model is stored under: parts that exist in another case keep their spelling. */
  async spelling(name: ModelName): Promise<ModelName> {
    return (await this.#manifests.resolve(name)).name;
  }

  /** Manifest and config, without reading the model. Throws NotFound, or Failed when damaged. */
  async read(name: ModelName): Promise<StoredModel> {
    const found = await this.find(name);
    const model = found && (await this.#read(found));
    if (!model) throw new NotFound(`model '${displayName(name)}' not found`);
    return model;
  }

  /** Everything needed to run or show a model; not to be changed. Throws NotFound; Failed or Invalid when damaged. */
  async open(name: ModelName): Promise<Model> {
    this.#refuseForbidden(name);
    const known = this.#opened.get(this.#manifests.fileOf(name));
    if (known) return known;
    const found = await this.find(name);
    if (!found) throw new NotFound(`model '${displayName(name)}' not found`);
    const file = this.#manifests.fileOf(found);
    // Before it is read: should it change meanwhile, what was read is not used again.
    const stamp = stampOf(file);
    const model = await readModel(await this.read(found), this.blobs, async (digest, path) => await this.header(digest, path));
    const stamps = [stamp, ...(await this.#stampsOf(model))];
    if (stamps.every((one) => one !== undefined)) this.#opened.keep(file, model, stamps);
    return model;
  }

  /** Whether the blob is here. Throws Invalid `invalid digest format`. */
  async hasBlob(digest: string): Promise<boolean> {
    return await this.blobs.has(digest);
  }

  /** Stores what a client uploads; see `Blobs.put`. */
  async putBlob(digest: string, content: AsyncIterable<Uint8Array>): Promise<"exists" | "created"> {
    return await this.blobs.put(digest, content);
  }

  /** The GGUF header of a blob, remembered by digest. */
  async header(digest: string, known?: string): Promise<GgufHeader> {
    const file = known ?? (await this.blobs.locate(digest));
    const remembered = this.#headers.get(digest);
    if (remembered) return await remembered;
    const reading = readGguf(file);
    this.#headers.set(digest, reading);
    if (this.#headers.size > CACHED_HEADERS) this.#headers.delete(this.#headers.keys().next().value ?? "");
    reading.catch(() => this.#headers.delete(digest));
    return await reading;
  }

  /** Gives a model a second name. Throws NotFound with Ollama's text. */
  async copy(source: ModelName, destination: ModelName): Promise<void> {
    await this.#exclusive(async () => {
      const found = await this.find(source);
      const file = found && (await this.#manifests.read(found));
      if (!found || !file) throw new NotFound(`model "${displayName(source)}" not found`);
      const target = await this.spelling(destination);
      if (!sameName(found, target)) await this.#write(target, file.bytes);
    });
  }

  /** Removes a model, the folders it leaves empty and the blobs nothing else uses. Throws NotFound. */
  async delete(name: ModelName): Promise<void> {
    await this.#exclusive(async () => {
      const found = await this.find(name);
      const file = found && (await this.#manifests.read(found));
      if (!found || !file) throw new NotFound(`model '${displayName(name)}' not found`);
      try {
        await this.#manifests.remove(found);
      } catch (error) {
        throw storeError(error, this.root);
      }
      await this.#removeUnused(digestsOf(file.bytes));
    });
  }

  /** Writes a manifest; the blobs that only the replaced one used are removed. All its blobs must be there. */
  async writeManifest(name: ModelName, bytes: Uint8Array): Promise<void> {
    await this.#exclusive(async () => {
      const target = await this.spelling(name);
      const old = await this.#manifests.read(target);
      await this.#write(target, bytes);
      if (old && !this.#noPrune) await this.#removeUnused(digestsOf(old.bytes));
    });
  }

  /** The exact bytes of a model's manifest; undefined when there is no such model. */
  async manifestBytes(name: ModelName): Promise<Buffer | undefined> {
    const found = await this.find(name);
    return found && (await this.#manifests.read(found))?.bytes;
  }

  /** Removes those of the blobs that no manifest names. */
  async removeIfUnused(digests: string[]): Promise<void> {
    await this.#exclusive(() => this.#removeUnused(digests));
  }

  /** Removes blobs no manifest names, unless they are younger than an hour, and empty folders. Returns how many; undefined, and does nothing, while any manifest is damaged. */
  async prune(): Promise<number | undefined> {
    const used = await this.#usedDigests();
    if (!used) return undefined;
    const removed = await this.blobs.prune(used, HOUR_MS);
    await this.#manifests.removeEmptyFolders();
    if (removed > 0) log.info("removed unused blobs", { count: removed });
    return removed;
  }

  async #read(name: ModelName): Promise<StoredModel | undefined> {
    const file = await this.#manifests.read(name);
    if (!file) return undefined;
    const what = `model '${displayName(name)}'`;
    const manifest = parseManifest(file.bytes, what);
    return {
      name,
      manifest,
      digest: manifestDigest(file.bytes),
      modifiedAt: file.modifiedAt,
      size: [manifest.config, ...manifest.layers].reduce((sum, layer) => sum + layer.size, 0),
      config: await this.#readConfig(manifest, what),
    };
  }

  #refuseForbidden(name: ModelName): void {
    const refused = this.#forbidden(name);
    if (refused) throw refused;
  }

  async #stampsOf({ manifest }: StoredModel): Promise<(Stamp | undefined)[]> {
    const files = await Promise.all([manifest.config, ...manifest.layers].map(({ digest }) => this.blobs.locate(digest)));
    return files.map(stampOf);
  }

  async #readConfig(manifest: Manifest, what: string): Promise<ModelConfig> {
    const bytes = await this.blobs.read(manifest.config.digest, 1 << 20);
    try {
      const config: unknown = JSON.parse(bytes.toString("utf8"));
      if (isRecord(config)) return config;
    } catch {}
    throw new Failed(`the config of ${what} is damaged; pull or create the model again`);
  }

  /** Writes, then looks again: another process may have pruned a blob that nothing named until now. */
  async #write(name: ModelName, bytes: Uint8Array): Promise<void> {
    const wanted = referencedDigests(parseManifest(bytes, `model '${displayName(name)}'`));
    const old = await this.#manifests.read(name);
    try {
      await this.#manifests.write(name, bytes);
    } catch (error) {
      throw storeError(error, this.root);
    }
    for (const digest of wanted) {
      if (await this.blobs.has(digest)) continue;
      if (old) await this.#manifests.write(name, old.bytes);
      else await this.#manifests.remove(name);
      throw new Failed(`blob ${digest} is missing from the model store; pull or create the model again`);
    }
  }

  async #removeUnused(digests: string[]): Promise<void> {
    const used = await this.#usedDigests();
    if (!used) return;
    // A pull under way may have fetched, or found here, what a model that goes now used.
    const wanted = await this.blobs.wanted();
    for (const digest of digests) if (!used.has(digest) && !wanted.has(digest)) await this.blobs.remove(digest);
  }

  /** Undefined, with a warning, when a manifest cannot be read: then nobody can tell what is unused. */
  async #usedDigests(): Promise<Set<string> | undefined> {
    const used = new Set<string>();
    for (const name of await this.#manifests.names()) {
      try {
        const file = await this.#manifests.read(name);
        if (file) for (const digest of referencedDigests(parseManifest(file.bytes, displayName(name)))) used.add(digest);
      } catch (error) {
        log.warn("unused blobs are kept, because a manifest cannot be read", { reason: messageOf(error) });
        return undefined;
      }
    }
    return used;
  }

  async #makeRoot(): Promise<void> {
    await mkdir(this.root, { recursive: true });
    if ((await readdir(this.root)).length === 0)
      await writeFile(path.join(this.root, MARKER), "This model store was made by Puna.\n");
  }

  /** Changes of manifests happen one after the other in this process. */
  async #exclusive<T>(change: () => Promise<T>): Promise<T> {
    const turn = this.#turn.then(change, change);
    this.#turn = turn.catch(() => {});
    return await turn;
  }
}

function digestsOf(bytes: Uint8Array): string[] {
  try {
    return referencedDigests(parseManifest(bytes, "a replaced model"));
  } catch {
    return [];
  }
}
