/** Routing with Ollama's manners: exact paths, 405 for a wrong method, redirects for a slash too many. */
import type { Context, Hono } from "hono";

type Handler = (c: Context) => Response | Promise<Response>;
export type Method = "GET" | "HEAD" | "POST" | "PUT" | "PATCH" | "DELETE";
export type Routes = Record<string, Partial<Record<Method, Handler>>>;

/** Registers every path once, for all methods. */
export function addRoutes(app: Hono, routes: Routes): void {
  for (const [path, methods] of Object.entries(routes)) {
    const handle = (c: Context) => {
      // Hono turns HEAD into GET before it looks for a route; the request itself still knows.
      const handler = methods[c.req.raw.method as Method];
      if (handler) return handler(c);
      return c.text("405 method not allowed", 405, { Allow: Object.keys(methods).join(", ") });
    };
    app.all(path, handle);
    if (path !== "/") app.all(`${path}/`, redirectWithoutSlash);
  }
  app.notFound((c) => c.text("404 page not found", 404));
}

function redirectWithoutSlash(c: Context): Response {
  const url = new URL(c.req.url);
  return c.redirect(`${url.pathname.replace(/\/+$/, "")}${url.search}`, c.req.raw.method === "GET" ? 301 : 307);
}
