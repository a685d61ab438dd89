/** The server as a whole: store, runtime and routes behind one port. */
import { readFileSync } from "node:fs";
import { type Config, readConfig } from "../config.ts";
import { configureLog, logger } from "../log.ts";
import { ModelStore } from "../models/store.ts";
import { Scheduler } from "../runtime/schedule.ts";
import { createApp } from "./app.ts";
import { listen } from "./port.ts";

const log = logger("server");

export interface Serving {
  /** The real address: port 0 asks for any free one. */
  url: string;
  /** Stops listening and ends every runner. */
  close(): Promise<void>;
}

/** Starts everything. Resolves when the port is open; throws Failed with Ollama's words when it cannot be. */
export async function serve(config: Config = readConfig()): Promise<Serving> {
  if (config.debug) configureLog({ level: "debug" });
  const store = new ModelStore(config.models, { noPrune: config.noPrune });
  const runtime = new Scheduler(config);
  const port = await listen(createApp({ config, store, runtime, version: packageVersion() }), config);
  await store.prepare();
  runtime.prepare();
  log.info(`Listening on ${port.url}`, { version: packageVersion(), models: store.root });
  return {
    url: port.url,
    async close() {
      await Promise.all([port.close(), runtime.close()]);
    },
  };
}

/** From package.json, two folders up from `src/server` as from `dist/server`. */
function packageVersion(): string {
  const { version } = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8")) as { version: string };
  return version;
}
