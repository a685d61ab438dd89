/** The knowledge bases' own part of the server. */
import { Hono } from "hono";
import type { Deps } from "../deps.ts";
import { errorResponse } from "../respond.ts";
import { addRoutes } from "../routes.ts";
import { knowledgeRoutes } from "./routes.ts";

export function knowledgeApp(deps: Deps): Hono {
  const app = new Hono();
  app.onError((error, c) => errorResponse(c, error));
  addRoutes(app, knowledgeRoutes(deps));
  return app;
}
