/** What FROM and ADAPTER lines point at: files of this machine, or a model that the server knows. */
import { readdir, realpath, stat } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { Invalid } from "../../errors.ts";
import type { Command } from "../../models/modelfile.ts";

export interface ModelFiles {
  /** A model's name, when FROM is no file. */
  from: string | undefined;
  /** Absolute paths by the name that the server is told. */
  files: Map<string, string>;
  adapters: Map<string, string>;
}

/** Relative paths start at the Modelfile's folder. Throws Invalid for a file that is missing or of a kind that Puna cannot read. */
export async function collectFiles(commands: Command[], folder: string): Promise<ModelFiles> {
  const found: ModelFiles = { from: undefined, files: new Map(), adapters: new Map() };
  for (const { name, value } of commands) {
    if (name !== "model" && name !== "adapter") continue;
    const files = await filesAt(value, folder);
    if (files) for (const file of files) add(name === "model" ? found.files : found.adapters, file);
    else if (name === "adapter" || looksLikePath(value)) throw new Invalid(`no such file: ${resolvePath(value, folder)}`);
    else found.from = value;
  }
  return found;
}

/** Undefined when there is nothing at that path. */
async function filesAt(value: string, folder: string): Promise<string[] | undefined> {
  const file = resolvePath(value, folder);
  const kind = await stat(file).catch(() => undefined);
  if (!kind) return undefined;
  return kind.isDirectory() ? ggufFilesIn(file) : [file];
}

async function ggufFilesIn(folder: string): Promise<string[]> {
  const names = await readdir(folder);
  const chosen = names.filter((name) => /\.gguf$/i.test(name)).sort();
  if (chosen.length === 0) {
    if (names.some((name) => /\.(?:safetensors|bin|pth)$/i.test(name))) {
      throw new Invalid(`${folder} holds a model that is not in GGUF form: convert it to GGUF first, Puna cannot do that yet`);
    }
    throw new Invalid("no Modelfile or safetensors files found");
  }
  const root = await realpath(folder);
  for (const name of chosen) {
    const target = await realpath(path.join(folder, name));
    // A folder from elsewhere must not be able to send other files of this machine to the server.
    if (path.dirname(target) !== root) throw new Invalid(`insecure path: ${name}`);
  }
  return chosen.map((name) => path.join(folder, name));
}

/** The server wants plain relative names, each once. */
function add(to: Map<string, string>, file: string): void {
  const { name, ext } = path.parse(file);
  let key = `${name}${ext}`;
  for (let n = 2; to.has(key) && to.get(key) !== file; n += 1) key = `${name}-${n}${ext}`;
  to.set(key, file);
}

function resolvePath(value: string, folder: string): string {
  if (value === "~" || value.startsWith("~/")) return path.join(os.homedir(), value.slice(1));
  return path.resolve(folder, value);
}

function looksLikePath(value: string): boolean {
  return /^(?:\.{0,2}[/\\]|~|[a-z]:\\)/i.test(value) || /\.gguf$/i.test(value);
}
