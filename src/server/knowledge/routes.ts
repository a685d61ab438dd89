/** Everything under /puna/knowledge. An endpoint is served and described when it is in this list. */
import type { Deps } from "../deps.ts";
import type { Routes } from "../routes.ts";
import { addEndpoint } from "./adding.ts";
import { archiveEndpoints } from "./archive.ts";
import { baseEndpoints } from "./bases.ts";
import { compareEndpoint } from "./compare.ts";
import { documentEndpoints } from "./documents.ts";
import { type Endpoint, routesOf } from "./endpoint.ts";
import { evaluationEndpoints } from "./evaluations.ts";
import { indexEndpoints } from "./indexes.ts";
import { jobEndpoints } from "./jobs.ts";
import { describeApi } from "./openapi.ts";
import { questionEndpoints } from "./questions.ts";
import { searchEndpoint } from "./search-endpoint.ts";
import { sourceEndpoints } from "./sources.ts";

export const knowledgeEndpoints: readonly Endpoint[] = [
  ...baseEndpoints,
  ...archiveEndpoints,
  ...documentEndpoints,
  addEndpoint,
  ...jobEndpoints,
  searchEndpoint,
  ...indexEndpoints,
  ...questionEndpoints,
  ...evaluationEndpoints,
  compareEndpoint,
  ...sourceEndpoints,
];

export function knowledgeRoutes(deps: Deps): Routes {
  return {
    ...routesOf(deps, knowledgeEndpoints),
    "/puna/openapi.json": { GET: describeApi(deps, knowledgeEndpoints) },
  };
}
