/** Makes a model on a server from a Modelfile: its files are brought there as blobs, then one request names them. */
import { readFile } from "node:fs/promises";
import path from "node:path";
import { Invalid, messageOf } from "../../errors.ts";
import { type Command, parseModelfile } from "../../models/modelfile.ts";
import { parseName } from "../../models/name.ts";
import type { Context } from "../context.ts";
import { Progress } from "../terminal/progress.ts";
import { useInPlace } from "./in-place.ts";
import { collectFiles, type ModelFiles } from "./model-files.ts";
import { requestOf } from "./modelfile-request.ts";
import { uploadFiles } from "./upload.ts";

export interface ModelfileSource {
  /** Path of the Modelfile, or of a GGUF file or a folder that stands for `FROM <it>`. */
  modelfile: string;
  quantize?: string | undefined;
  /** The server is to use the files where they lie. */
  inPlace?: boolean | undefined;
}

/** Says what happens on stderr. Throws Invalid with Ollama's texts for a bad name or Modelfile. */
export async function createFromModelfile(
  model: string,
  { modelfile, quantize, inPlace }: ModelfileSource,
  { client, terminal }: Pick<Context, "client" | "terminal">,
): Promise<void> {
  if (!parseName(model)) throw new Invalid(`invalid model name: ${model}`);
  const commands = await readModelfile(modelfile);
  const progress = new Progress(terminal);
  const gathering = "gathering model components";
  progress.spin(gathering, gathering);
  try {
    const found = await collectFiles(commands, path.dirname(path.resolve(modelfile)));
    const { body, warnings } = requestOf(model, commands);
    for (const warning of warnings) progress.update({ status: warning });
    const say = (what: string) => (id: string, share: number) => progress.spin(id, `${what} ${id} ${Math.floor(share * 100)}%`);
    const files = [...found.files.values(), ...found.adapters.values()];
    const digests = inPlace
      ? await useInPlace(files, { client, onProgress: say("reading") })
      : await uploadFiles(files, { client, onProgress: say("copying file") });
    const request = { ...body, ...filesOf(found, digests), ...(quantize && { quantize }) };
    for await (const line of client.create(request)) progress.update(line);
  } finally {
    progress.stop();
  }
}

async function readModelfile(file: string): Promise<Command[]> {
  if (/\.gguf$/i.test(file)) return [{ name: "model", value: path.resolve(file) }];
  let bytes: Uint8Array;
  try {
    bytes = await readFile(file);
  } catch (cause) {
    const code = cause instanceof Error && "code" in cause ? cause.code : undefined;
    if (code === "EISDIR") return [{ name: "model", value: path.resolve(file) }];
    if (code === "ENOENT") throw new Invalid("specified Modelfile wasn't found", { cause });
    throw new Invalid(`cannot read ${file}: ${messageOf(cause)}`, { cause });
  }
  return parseModelfile(bytes);
}

function filesOf({ from, files, adapters }: ModelFiles, digests: Map<string, string>) {
  const digested = (named: Map<string, string>) =>
    Object.fromEntries([...named].map(([name, file]) => [name, digests.get(file) ?? ""]));
  return {
    ...(from !== undefined && { from }),
    ...(files.size > 0 && { files: digested(files) }),
    ...(adapters.size > 0 && { adapters: digested(adapters) }),
  };
}
