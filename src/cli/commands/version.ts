/** `puna -v`: the version of the server, and of this command line where it differs. */
import { clientVersion } from "../client-version.ts";
import type { Context } from "../context.ts";

/** Never fails: without a server it says so. */
export async function version({ client, terminal }: Pick<Context, "client" | "terminal">): Promise<void> {
  const answered = await client.version().catch(() => undefined);
  // A Puna server leads with the Ollama release that it is compatible with; its own version follows.
  const server = answered && (/\+puna\.(.+)$/.exec(answered)?.[1] ?? answered);
  if (server === undefined) terminal.out("Warning: could not connect to a running Puna instance\n");
  else terminal.out(`puna version is ${server}\n`);
  if (server !== clientVersion) terminal.out(`Warning: client version is ${clientVersion}\n`);
}
