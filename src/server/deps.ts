/** What every endpoint is given. */
import type { ApiKeys } from "../accounts/keys.ts";
import type { Config } from "../config.ts";
import type { KnowledgeStore } from "../knowledge/bases.ts";
import type { Sources } from "../knowledge/sources/sources.ts";
import type { ModelStore } from "../models/store.ts";
import type { RegistryClient } from "../registry/client.ts";
import type { Runtime } from "../runtime/types.ts";

export interface Deps {
  config: Config;
  store: ModelStore;
  runtime: Runtime;
  keys: ApiKeys;
  /** What the command line of the same user knows as well; see `accounts/local-proof.ts`. */
  localSecret: string | undefined;
  knowledge: KnowledgeStore;
  /** What its bases are made of and look at again. */
  sources: Sources;
  /** Other registries. Made from the rest when it is not given. */
  remote?: RegistryClient;
  /** Puna's own, as in package.json. */
  version: string;
}
