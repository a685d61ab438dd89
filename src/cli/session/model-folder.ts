/** The files of a folder that are a model: safetensors and what belongs to them, or GGUF. */
import { readdir, realpath } from "node:fs/promises";
import path from "node:path";
import { Invalid } from "../../errors.ts";

/** Beside the weights: descriptions, tokenizers and templates. */
const COMPANION = /\.json$|(^|\/)tokenizer\.model$|(^|\/)chat_template\.jinja$|^additional_chat_templates\/\w+\.jinja$/;

/** Paths by their name relative to the folder, with `/`. Throws Invalid when there is no model, or a link leads out of the folder. */
export async function filesOfFolder(folder: string): Promise<Map<string, string>> {
  const names = await list(folder);
  const chosen = chooseFiles(names, folder);
  const roots = await allowedRoots(folder);
  for (const name of chosen) {
    const target = await realpath(path.join(folder, name));
    // A folder from elsewhere must not be able to send other files of this machine to the server.
    if (!roots.some((root) => target.startsWith(root + path.sep))) throw new Invalid(`insecure path: ${name}`);
  }
  return new Map(chosen.map((name) => [name, path.join(folder, name)]));
}

function chooseFiles(names: string[], folder: string): string[] {
  const isAtTop = (name: string) => !name.includes("/");
  const weights = names.filter((name) => isAtTop(name) && name.endsWith(".safetensors"));
  if (weights.length > 0) {
    // Some publish the same weights twice, the second time as `consolidated`.
    const main = weights.filter((name) => name.startsWith("model"));
    return [...(main.length > 0 ? main : weights), ...names.filter((name) => COMPANION.test(name))];
  }
  const gguf = names.filter((name) => isAtTop(name) && /\.gguf$/i.test(name));
  if (gguf.length > 0) return gguf;
  if (names.some((name) => isAtTop(name) && /\.(?:bin|pth|pt)$/i.test(name))) {
    throw new Invalid(
      `${folder} holds PyTorch files, which can run any code when they are read: take the safetensors of the same model, or write them with save_pretrained(safe_serialization=True)`,
    );
  }
  throw new Invalid("no Modelfile or safetensors files found");
}

/** Files of the folder and of the folders in it, sorted. */
async function list(folder: string): Promise<string[]> {
  const names: string[] = [];
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    if (!entry.isDirectory()) names.push(entry.name);
    else if (!entry.name.startsWith(".")) {
      const inner = await readdir(path.join(folder, entry.name), { withFileTypes: true });
      names.push(...inner.filter((one) => !one.isDirectory()).map((one) => `${entry.name}/${one.name}`));
    }
  }
  return names.sort();
}

/** Where links may lead: into the folder, and, in the cache of Hugging Face's tools, to the files of the same repository. */
async function allowedRoots(folder: string): Promise<string[]> {
  const root = await realpath(folder);
  const isSnapshot = path.basename(path.dirname(root)) === "snapshots";
  return isSnapshot ? [root, path.join(root, "..", "..", "blobs")] : [root];
}
