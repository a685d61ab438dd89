/** Lets the server fetch a model, and shows how far it is. */
import type { Context } from "../context.ts";
import { Progress } from "../terminal/progress.ts";

/** Throws Failed with the server's words. */
export async function pullModel(
  model: string,
  { insecure, signal }: { insecure: boolean; signal: AbortSignal },
  { client, terminal }: Pick<Context, "client" | "terminal">,
): Promise<void> {
  const progress = new Progress(terminal);
  try {
    for await (const line of client.pull({ model, insecure }, { signal })) progress.update(line);
  } finally {
    progress.stop();
  }
}
