/** A web server of a test on this machine, and a client that may ask it and nothing else of the local network. */
import http from "node:http";
import type { AddressInfo } from "node:net";
import { AddressGuard, type Lookup } from "../../src/net/guard.ts";
import { Web, type WebLimits } from "../../src/net/web.ts";

export type Page = string | Buffer | { status?: number; headers?: Record<string, string>; body?: string | Buffer } | Handler;
type Handler = (request: http.IncomingMessage, response: http.ServerResponse) => void;

export interface LocalSite {
  /** Without a slash at its end. */
  url: string;
  port: number;
  /** By path with query. May be changed between requests. */
  pages: Record<string, Page>;
  /** Path, headers and time of every request so far. */
  requests: { path: string; headers: http.IncomingHttpHeaders; at: number }[];
  /** Paths that were asked for since the last call. */
  asked(): string[];
  close(): Promise<void>;
}

export async function localSite(pages: Record<string, Page> = {}): Promise<LocalSite> {
  const requests: LocalSite["requests"] = [];
  let told = 0;
  const server = http.createServer((request, response) => {
    const path = request.url ?? "/";
    requests.push({ path, headers: request.headers, at: performance.now() });
    const page = pages[path];
    if (typeof page === "function") return page(request, response);
    if (page === undefined) return response.writeHead(404).end("no such page");
    const { status = 200, headers = {}, body = "" } = typeof page === "string" || Buffer.isBuffer(page) ? { body: page } : page;
    response.writeHead(status, { "content-type": "text/html; charset=utf-8", ...headers }).end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    pages,
    requests,
    asked() {
      const since = requests.slice(told).map(({ path }) => path);
      told = requests.length;
      return since;
    },
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

export function localWeb(
  sites: readonly LocalSite[],
  { lookup, limits, allowed = [] }: { lookup?: Lookup; limits?: Partial<WebLimits>; allowed?: string[] } = {},
): Web {
  const guard = new AddressGuard([...sites.map(({ port }) => `127.0.0.1:${port}`), ...allowed], lookup);
  return new Web({ guard, userAgent: "Puna/test", proxy: { http: "", https: "", no: "" }, ...(limits && { limits }) });
}

/** A page with a title, some sentences, and links. */
export function article(title: string, links: readonly string[] = [], more = ""): string {
  const list = links.map((href) => `<li><a href="${href}">${href}</a></li>`).join("");
  return `<!doctype html><html><head><title>${title}</title>${more}</head><body><h1>${title}</h1>
    <p>This page is called ${title}. It has a sentence that no other page has: ${title} is unlike the rest.</p><ul>${list}</ul></body></html>`;
}
