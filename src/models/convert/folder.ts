/** The files of a model folder, as a client uploaded them: names and where their bytes are. Nothing else can be reached. */
import { open } from "node:fs/promises";
import { Invalid, messageOf } from "../../errors.ts";
import { isRecord } from "../manifest.ts";

export interface NamedFile {
  /** Relative, with `/`, as the client told it. */
  name: string;
  path: string;
}

/** The largest published tokenizer.json has 35 MB. */
const MAX_BYTES = 128 << 20;

export type Json = Record<string, unknown>;

export class ModelFolder {
  readonly files: readonly NamedFile[];
  readonly #byName: Map<string, string>;

  constructor(files: readonly NamedFile[]) {
    this.files = files;
    this.#byName = new Map(files.map(({ name, path }) => [name, path]));
  }

  path(name: string): string | undefined {
    return this.#byName.get(name);
  }

  /** Undefined when there is no such file. Throws Invalid when it is larger than any such file should be. */
  async bytes(name: string): Promise<Buffer | undefined> {
    const path = this.path(name);
    if (path === undefined) return undefined;
    const handle = await open(path, "r");
    try {
      const { size } = await handle.stat();
      if (size > MAX_BYTES) throw new Invalid(`"${name}" has ${size} bytes, more than ${MAX_BYTES}`);
      return await handle.readFile();
    } finally {
      await handle.close();
    }
  }

  async text(name: string): Promise<string | undefined> {
    const bytes = await this.bytes(name);
    return bytes && new TextDecoder("utf-8").decode(bytes);
  }

  /** The object in a JSON file; undefined when there is no such file. Throws Invalid naming it. */
  async json(name: string): Promise<Json | undefined> {
    const value = await this.value(name);
    if (value !== undefined && !isRecord(value)) throw new Invalid(`"${name}" is no JSON object`);
    return value;
  }

  /** Any value in a JSON file. */
  async value(name: string): Promise<unknown> {
    const text = await this.text(name);
    if (text === undefined) return undefined;
    try {
      return JSON.parse(text);
    } catch (error) {
      throw new Invalid(`"${name}" is no JSON: ${messageOf(error)}`, { cause: error });
    }
  }
}
