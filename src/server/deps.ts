/** What every endpoint is given. */
import type { Config } from "../config.ts";
import type { ModelStore } from "../models/store.ts";
import type { Runtime } from "../runtime/types.ts";

export interface Deps {
  config: Config;
  store: ModelStore;
  runtime: Runtime;
  /** Puna's own, as in package.json. */
  version: string;
}
