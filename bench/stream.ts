/** Sends one request and notes when each piece of the answer came. Nothing is parsed while the clock runs. */
import http from "node:http";

export interface Timed {
  status: number;
  /** Milliseconds of performance.now() when the request was sent and at each chunk. */
  sentAt: number;
  chunkTimes: number[];
  body: string;
}

const agent = new http.Agent({ keepAlive: true, maxSockets: 64 });

/** A server that says nothing for so long is stuck, and the bench should say so. */
const PATIENCE_MS = 600_000;

/** Rejects only when the connection fails, or with an AbortError. */
export function send(url: string, body: unknown, { signal }: { signal?: AbortSignal } = {}): Promise<Timed> {
  return new Promise((resolve, reject) => {
    const text = JSON.stringify(body);
    const chunks: Buffer[] = [];
    const chunkTimes: number[] = [];
    const options = {
      method: "POST",
      agent,
      headers: { "content-type": "application/json", "content-length": Buffer.byteLength(text) },
      signal: AbortSignal.any([...(signal ? [signal] : []), AbortSignal.timeout(PATIENCE_MS)]),
    };
    const sentAt = performance.now();
    const request = http.request(url, options, (response) => {
      response.on("data", (chunk: Buffer) => {
        chunkTimes.push(performance.now());
        chunks.push(chunk);
      });
      response.on("end", () =>
        resolve({ status: response.statusCode ?? 0, sentAt, chunkTimes, body: Buffer.concat(chunks).toString() }),
      );
      response.on("error", reject);
    });
    request.on("error", reject);
    request.end(text);
  });
}

export function closeConnections(): void {
  agent.destroy();
}
