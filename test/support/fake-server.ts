/** A scripted HTTP server for tests of the command line: answers by method and path, and remembers what was asked. */
import http from "node:http";
import type { AddressInfo } from "node:net";

interface Asked {
  method: string;
  path: string;
  /** Parsed JSON, or the text as it came. */
  body: unknown;
}

type Answer =
  | { status?: number; json: unknown }
  | { status?: number; lines: unknown[]; endless?: boolean; cut?: boolean }
  | { status: number };

type Script = Record<string, Answer | ((asked: Asked) => Answer)>;

/** Keys are `METHOD /path`. Whatever is not in the script is a 404. */
export async function startFakeServer(script: Script) {
  const asked: Asked[] = [];
  const server = http.createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const text = Buffer.concat(chunks).toString("utf8");
    const one = { method: request.method ?? "", path: request.url ?? "", body: parsed(text) };
    asked.push(one);
    const entry =
      script[`${one.method} ${one.path}`] ??
      (one.path === "/" ? { status: 200 } : { status: 404, json: { error: "404 page not found" } });
    const answer = typeof entry === "function" ? entry(one) : entry;
    response.statusCode = answer.status ?? 200;
    if ("json" in answer) response.end(JSON.stringify(answer.json));
    else if ("lines" in answer) {
      response.flushHeaders();
      // Each is on its way before the next, and before the end.
      for (const line of answer.lines) await new Promise((sent) => response.write(`${JSON.stringify(line)}\n`, sent));
      if (answer.cut) response.destroy();
      else if (!answer.endless) response.end();
    } else response.end();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    asked,
    host: { hostname: "127.0.0.1", port, scheme: "http" as const },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
