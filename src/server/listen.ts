/** The server as a whole: store, runtime and routes behind one port. */
import { readFileSync } from "node:fs";
import { ApiKeys } from "../accounts/keys.ts";
import { localSecret } from "../accounts/local-proof.ts";
import { type Config, readConfig } from "../config.ts";
import { configureLog, logger } from "../log.ts";
import { ModelStore } from "../models/store.ts";
import { Scheduler } from "../runtime/schedule.ts";
import { Database } from "../store/db.ts";
import { createApp } from "./app.ts";
import { forbidden } from "./guard/allowed-models.ts";
import { isLoopback } from "./guard/hosts.ts";
import { needsKeys } from "./guard/keys.ts";
import { startKnowledge } from "./knowledge/start.ts";
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
  const store = new ModelStore(config.models, { noPrune: config.noPrune, forbidden });
  const database = new Database(config.home);
  const keys = new ApiKeys(database);
  warnOfKeys(config, keys);
  const runtime = new Scheduler(config);
  const server = { config, store, runtime, keys, localSecret: localSecret(config.home), version: packageVersion() };
  const { knowledge, sources } = startKnowledge(server, database);
  const port = await listen(createApp({ ...server, knowledge, sources }), config);
  await store.prepare();
  runtime.prepare();
  await knowledge.resume();
  sources.start();
  log.info(`Listening on ${port.url}`, { version: packageVersion(), models: store.root });
  return {
    url: port.url,
    async close() {
      await Promise.all([port.close(), sources.close().then(() => knowledge.close()), runtime.close()]);
      database.close();
    },
  };
}

/** Also opens the database if there is one, so that a file that cannot be used stops the start and not the first request. */
function warnOfKeys(config: Config, keys: ApiKeys): void {
  const count = keys.list().filter(({ revokedAt }) => revokedAt === undefined).length;
  if (!needsKeys(config)) {
    if (!isLoopback(config.host.hostname))
      log.warn("other machines can reach this server, and it asks for no API key (PUNA_REQUIRE_KEY=0)");
  } else if (count === 0)
    log.warn("requests need an API key and there is none yet: make one with 'puna key create NAME', or set PUNA_REQUIRE_KEY=0");
}

/** From package.json, two folders up from `src/server` as from `dist/server`. */
function packageVersion(): string {
  const { version } = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8")) as { version: string };
  return version;
}
