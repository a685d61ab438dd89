/** The model that comes with Puna. It is made in the store when someone first asks for it. */
import { existsSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { Failed } from "../../errors.ts";
import type { Context } from "../context.ts";
import { createFromModelfile } from "./create-model.ts";

const FOLDER = fileURLToPath(new URL("../../../models/mini", import.meta.url));

/** `mini`, with or without its tag, in any case. */
export function isBundled(model: string): boolean {
  return /^mini(?::latest)?$/i.test(model);
}

/** Makes it through blobs and `/api/create`, so that the server may be another program or on another machine. */
export async function createBundled(
  model: string,
  { client, terminal }: Pick<Context, "client" | "terminal">,
  { folder = FOLDER }: { folder?: string } = {},
): Promise<void> {
  const modelfile = path.join(folder, "Modelfile");
  if (!existsSync(modelfile) || !existsSync(path.join(folder, "mini.gguf"))) {
    throw new Failed(`the bundled model is missing from this installation (looked in ${folder}): install puna again`);
  }
  await createFromModelfile(model, { modelfile }, { client, terminal });
}
