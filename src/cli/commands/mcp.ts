/** `puna mcp`: an MCP server on standard input and output, for programs that give models tools. */
import type { Context } from "../context.ts";
import { resourceHandlers } from "../mcp/resources.ts";
import { serveMcp } from "../mcp/serve.ts";
import { toolHandlers } from "../mcp/tools.ts";

/** Until the input ends. Nothing else goes to standard output. `only` names the bases that may be seen; none: all. */
export async function mcp(
  { client, terminal }: Pick<Context, "client" | "terminal">,
  only: readonly string[],
  input: AsyncIterable<Uint8Array>,
): Promise<void> {
  if (terminal.inIsTty) terminal.err("This is for programs: they write requests here, a line each. Ctrl-D ends it.\n");
  const handlers = { ...toolHandlers(client, only), ...resourceHandlers(client, only) };
  await serveMcp({ input, write: (line) => terminal.out(line) }, handlers);
}
