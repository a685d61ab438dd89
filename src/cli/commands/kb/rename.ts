/** `puna kb rename BASE NAME`. */
import type { Context } from "../../context.ts";

export async function rename(
  { client, terminal }: Pick<Context, "client" | "terminal">,
  base: string,
  name: string,
): Promise<void> {
  const renamed = await client.knowledge.rename(base, name);
  terminal.out(`renamed '${base}' to '${renamed.name}': clients find it as ${renamed.model_name}\n`);
}
