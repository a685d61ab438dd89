/** How many requests came, how they were answered, and how soon. */
import type { MiddlewareHandler } from "hono";
import { matchedRoutes } from "hono/route";
import { Histogram } from "../runtime/counts.ts";
import type { Family } from "./prometheus.ts";

export class HttpCounts {
  /** By path, method and status. */
  readonly #requests = new Map<string, { labels: Record<string, string>; value: number }>();
  readonly #seconds = new Map<string, Histogram>();

  /** Counts what the handlers after it answer. */
  readonly middleware: MiddlewareHandler = async (c, next) => {
    const started = performance.now();
    await next();
    // By the route, never by the path: paths are the clients' to choose, and would grow without end.
    const route =
      matchedRoutes(c)
        .findLast(({ path }) => path !== "*" && path !== "/*")
        ?.path.replace(/\{.*\}/, "") ?? "other";
    const method = c.req.raw.method in METHODS ? c.req.raw.method : "other";
    const key = `${route} ${method} ${c.res.status}`;
    const entry = this.#requests.get(key) ?? { labels: { path: route, method, status: String(c.res.status) }, value: 0 };
    entry.value++;
    this.#requests.set(key, entry);
    const seconds = this.#seconds.get(route) ?? new Histogram();
    seconds.observe((performance.now() - started) / 1000);
    this.#seconds.set(route, seconds);
  };

  families(): Family[] {
    return [
      { name: "puna_http_requests_total", type: "counter", help: "Requests answered.", samples: [...this.#requests.values()] },
      {
        name: "puna_http_response_start_seconds",
        type: "histogram",
        help: "Time until an answer began; of a stream, its first piece.",
        samples: [...this.#seconds].map(([path, value]) => ({ labels: { path }, value })),
      },
    ];
  }
}

const METHODS = { GET: 0, HEAD: 0, POST: 0, PUT: 0, PATCH: 0, DELETE: 0, OPTIONS: 0 };
