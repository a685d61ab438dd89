/** The manifest files of a store: `manifests/<host>/<namespace>/<model>/<tag>`. */
import { readdir, readFile, rm, rmdir, stat } from "node:fs/promises";
import path from "node:path";
import { codeOf, Failed, messageOf } from "../errors.ts";
import { writeWhole } from "./files.ts";
import { displayName, isValidName, type ModelName, manifestPath, same } from "./name.ts";

/** Real ones are below 1 MB; safetensors models list every tensor. */
const MAX_BYTES = 32 << 20;

export interface ManifestFile {
  bytes: Buffer;
  modifiedAt: Date;
}

/** The manifests below `root`. Several processes may work on them: whatever vanishes in between counts as absent. */
export class Manifests {
  readonly #folder: string;

  constructor(root: string) {
    this.#folder = path.join(root, "manifests");
  }

  /** Where the manifest of that name is, or would be. */
  fileOf(name: ModelName): string {
    return path.join(this.#folder, manifestPath(name));
  }

  /** Every name that has a manifest, in no particular order. */
  async names(): Promise<ModelName[]> {
    const names: ModelName[] = [];
    for (const host of await entries(this.#folder)) {
      for (const namespace of await entries(this.#folder, host)) {
        for (const model of await entries(this.#folder, host, namespace)) {
          for (const tag of await entries(this.#folder, host, namespace, model)) {
            const name = { host, namespace, model, tag };
            if (isValidName(name) && (await this.#isFile(name))) names.push(name);
          }
        }
      }
    }
    return names;
  }

  /** The name in the spelling that the store uses for those of its parts that exist, and whether all of them do. */
  async resolve(name: ModelName): Promise<{ name: ModelName; exists: boolean }> {
    if (await this.#isExact(name)) return { name, exists: true };
    const wanted = [name.host, name.namespace, name.model, name.tag];
    const found: string[] = [];
    for (const part of wanted) {
      const present = await entries(this.#folder, ...found);
      const match = present.includes(part) ? part : present.find((entry) => same(entry, part));
      if (match === undefined) break;
      found.push(match);
    }
    const [host = name.host, namespace = name.namespace, model = name.model, tag = name.tag] = found;
    const resolved = { host, namespace, model, tag };
    return { name: resolved, exists: found.length === 4 && (await this.#isFile(resolved)) };
  }

  /** Exact bytes; undefined when there is none. */
  async read(name: ModelName): Promise<ManifestFile | undefined> {
    const file = this.fileOf(name);
    const found = await unlessAbsent(stat(file));
    if (!found?.isFile()) return undefined;
    if (found.size > MAX_BYTES)
      throw new Failed(
        `the manifest of model '${displayName(name)}' is damaged (${found.size} bytes); pull or create the model again`,
      );
    const bytes = await unlessAbsent(readFile(file));
    return bytes && { bytes, modifiedAt: found.mtime };
  }

  async write(name: ModelName, bytes: Uint8Array): Promise<void> {
    await writeWhole(this.fileOf(name), bytes);
  }

  /** Removes the manifest and the folders that it leaves empty. */
  async remove(name: ModelName): Promise<void> {
    const file = this.fileOf(name);
    await rm(file, { force: true });
    for (let folder = path.dirname(file); folder !== this.#folder; folder = path.dirname(folder)) {
      const removed = await rmdir(folder).then(
        () => true,
        () => false,
      );
      if (!removed) return;
    }
  }

  /** Removes folders in which no manifest is left. */
  async removeEmptyFolders(): Promise<void> {
    for (const host of await entries(this.#folder)) {
      for (const namespace of await entries(this.#folder, host)) {
        for (const model of await entries(this.#folder, host, namespace)) {
          await rmdir(path.join(this.#folder, host, namespace, model)).catch(() => {});
        }
        await rmdir(path.join(this.#folder, host, namespace)).catch(() => {});
      }
      await rmdir(path.join(this.#folder, host)).catch(() => {});
    }
  }

  async #isFile(name: ModelName): Promise<boolean> {
    return (await unlessAbsent(stat(this.fileOf(name))))?.isFile() ?? false;
  }

  /** A file system that ignores case would find a name in the wrong spelling; the folder's own listing tells. */
  async #isExact(name: ModelName): Promise<boolean> {
    if (!(await this.#isFile(name))) return false;
    const parts = [name.host, name.namespace, name.model, name.tag];
    for (const [depth, part] of parts.entries()) {
      if (!(await entries(this.#folder, ...parts.slice(0, depth))).includes(part)) return false;
    }
    return true;
  }
}

/** Names in a folder; none when it is no folder. Hidden files, such as a manifest being written, are left out. */
async function entries(...parts: string[]): Promise<string[]> {
  const names = await unlessAbsent(readdir(path.join(...parts)));
  return (names ?? []).filter((name) => !name.startsWith("."));
}

/** Undefined for what is not there. A folder that may not be read is an error: a prune must not take it for empty. */
async function unlessAbsent<T>(reading: Promise<T>): Promise<T | undefined> {
  try {
    return await reading;
  } catch (error) {
    if (["ENOENT", "ENOTDIR"].includes(codeOf(error) ?? "")) return undefined;
    throw new Failed(`cannot read the model store: ${messageOf(error)}`, { cause: error });
  }
}
