/** Knowledge bases with their sources, as a server has them. */
import { KnowledgeStore } from "../../knowledge/bases.ts";
import { Git } from "../../knowledge/sources/git.ts";
import { sourceReaders } from "../../knowledge/sources/readers.ts";
import { Sources, type SourcesOptions } from "../../knowledge/sources/sources.ts";
import { AddressGuard, type Lookup } from "../../net/guard.ts";
import { Web } from "../../net/web.ts";
import type { Database } from "../../store/db.ts";
import type { Deps } from "../deps.ts";
import { outsideGrant } from "../guard/allowed-models.ts";
import { findEmbedder } from "./embedder.ts";
import { findReranker } from "./reranker.ts";

/** For tests: names of their own, and times that do not make them wait. */
export type Replaced = Partial<Pick<SourcesOptions, "manners" | "watchTimes" | "tickMs">> & { lookup?: Lookup };

export function startKnowledge(
  server: Omit<Deps, "knowledge" | "sources">,
  database: Database,
  { lookup, ...times }: Replaced = {},
): Pick<Deps, "knowledge" | "sources"> {
  const { config, version } = server;
  const { home } = config;
  const userAgent = `Puna/${version}`;
  const web = new Web({ guard: new AddressGuard(config.allowPrivateUrls, lookup), userAgent, proxy: config.transfer.proxy });
  const git = new Git({ web, userAgent });
  const knowledge = new KnowledgeStore({
    ...{ home, database, postgres: config.postgres },
    // Whoever may search a base may have its vectors compared, whichever models the key is for.
    findEmbedder: (name) => outsideGrant(() => findEmbedder(server, name)),
    findReranker: (name) => outsideGrant(() => findReranker(server, name)),
    readers: sourceReaders({ web, git, home }),
  });
  return { knowledge, sources: new Sources({ store: knowledge, database, home, web, git, ...times }) };
}
