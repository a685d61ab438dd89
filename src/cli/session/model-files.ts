/** What FROM and ADAPTER lines point at: files of this machine, or a model that the server knows. */
import { stat } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { Invalid } from "../../errors.ts";
import type { Command } from "../../models/modelfile.ts";
import { filesOfFolder } from "./model-folder.ts";

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
    const to = name === "model" ? found.files : found.adapters;
    if (files) for (const [key, file] of files) add(to, key, file);
    else if (name === "adapter" || looksLikePath(value)) throw new Invalid(`no such file: ${resolvePath(value, folder)}`);
    else found.from = value;
  }
  return found;
}

/** Paths by name; undefined when there is nothing at that path. */
async function filesAt(value: string, folder: string): Promise<Map<string, string> | undefined> {
  const file = resolvePath(value, folder);
  const kind = await stat(file).catch(() => undefined);
  if (!kind) return undefined;
  return kind.isDirectory() ? await filesOfFolder(file) : new Map([[path.basename(file), file]]);
}

/** The server wants relative names, each once. */
function add(to: Map<string, string>, wanted: string, file: string): void {
  const { dir, name, ext } = path.posix.parse(wanted);
  let key = wanted;
  for (let n = 2; to.has(key) && to.get(key) !== file; n += 1) key = path.posix.join(dir, `${name}-${n}${ext}`);
  to.set(key, file);
}

function resolvePath(value: string, folder: string): string {
  if (value === "~" || value.startsWith("~/")) return path.join(os.homedir(), value.slice(1));
  return path.resolve(folder, value);
}

function looksLikePath(value: string): boolean {
  return /^(?:\.{0,2}[/\\]|~|[a-z]:\\)/i.test(value) || /\.gguf$/i.test(value);
}
