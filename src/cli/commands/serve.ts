/** `puna serve`: the server, in this process. */
import { setFlagsFromString } from "node:v8";
import type { Config } from "../../config.ts";

/** Until SIGINT or SIGTERM, of which one may come before all is started; then runners end before this returns. */
export async function serve(config: Config): Promise<void> {
  const told = new Promise<void>((resolve) => {
    process.once("SIGINT", () => resolve());
    process.once("SIGTERM", () => resolve());
  });
  const serving = await withSmallHeap(async () => {
    // biome-ignore lint/style/noRestrictedImports: this command is the server; every other one speaks HTTP to it
    const { serve: start } = await import("../../server/listen.ts");
    return await start(config);
  });
  await told;
  await serving.close();
}

/**
 * Loading modules leaves much garbage at once, for which V8 would enlarge its young generation, and an idle server would keep it: 6 MB.
 * Afterwards it may grow as requests want it.
 */
async function withSmallHeap<T>(start: () => Promise<T>): Promise<T> {
  setFlagsFromString("--semi-space-growth-factor=1");
  try {
    return await start();
  } finally {
    setFlagsFromString("--semi-space-growth-factor=2");
  }
}
