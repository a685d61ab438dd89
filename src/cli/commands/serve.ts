/** `puna serve`: the server, in this process. */
import type { Config } from "../../config.ts";

/** Until SIGINT or SIGTERM, of which one may come before all is started; then runners end before this returns. */
export async function serve(config: Config): Promise<void> {
  const told = new Promise<void>((resolve) => {
    process.once("SIGINT", () => resolve());
    process.once("SIGTERM", () => resolve());
  });
  // biome-ignore lint/style/noRestrictedImports: this command is the server; every other one speaks HTTP to it
  const { serve: start } = await import("../../server/listen.ts");
  const serving = await start(config);
  await told;
  await serving.close();
}
