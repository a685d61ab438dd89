/** `puna push MODEL`: sends a model to the registry that its name says. */
import { Failed, messageOf } from "../../errors.ts";
import { displayName, fullName, type ModelName, parseName } from "../../models/name.ts";
import type { Context } from "../context.ts";
import { interruptible } from "../interruptible.ts";
import { Progress } from "../terminal/progress.ts";
import type { TransferFlags } from "./pull.ts";

/** Says at the end where the model can be found. Throws Failed with Ollama's words when the registry does not allow it. */
export async function push({ client, terminal }: Context, model: string, { insecure = false }: TransferFlags): Promise<void> {
  const progress = new Progress(terminal);
  try {
    await interruptible(async (signal) => {
      for await (const line of client.push({ model, insecure }, { signal })) progress.update(line);
    });
  } catch (error) {
    if (!/access denied/.test(messageOf(error))) throw error;
    throw new Failed(
      `you are not authorized to push to this namespace, create the model under a namespace you own${keyHint(error)}`,
      {
        cause: error,
      },
    );
  } finally {
    progress.stop();
  }
  const name = parseName(model);
  if (name) terminal.out(`\nYou can find your model at:\n\n\t${placeOf(name)}\n`);
}

function placeOf(name: ModelName): string {
  if (!/\.ollama\.(ai|com)$/i.test(name.host)) return fullName(name);
  return `https://ollama.com/${displayName(name).replace(/:latest$/, "")}`;
}

/** The server knows its own key; its words carry the address at which an account takes it. */
function keyHint(error: unknown): string {
  const address = /https:\/\/\S+/.exec(messageOf(error))?.[0];
  return address ? `\nTo let this server act for your account, open: ${address}` : "";
}
