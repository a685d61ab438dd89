/** A registry in a process of its own, with one model of random bytes: manifest, and blobs by ranges. Size in bytes is its argument. */
import { createHash, randomBytes } from "node:crypto";
import { closeSync, createReadStream, mkdtempSync, openSync, rmSync, writeSync } from "node:fs";
import http from "node:http";
import type { AddressInfo } from "node:net";
import os from "node:os";
import path from "node:path";
import { pipeline } from "node:stream";

const PIECE = 64 << 20;
const size = Number(process.argv[2]);
const folder = mkdtempSync(path.join(os.tmpdir(), "puna-bench-registry-"));
process.once("exit", () => rmSync(folder, { recursive: true, force: true }));
// the bench is gone, however it ended
process.on("disconnect", () => process.exit());
process.once("SIGTERM", () => process.exit());

const file = path.join(folder, "model");
const digest = makeFile();
const config = Buffer.from('{"model_format":"gguf","model_family":"llama"}');
const configDigest = `sha256:${createHash("sha256").update(config).digest("hex")}`;
const manifest = JSON.stringify({
  schemaVersion: 2,
  mediaType: "application/vnd.docker.distribution.manifest.v2+json",
  config: { mediaType: "application/vnd.docker.container.image.v1+json", digest: configDigest, size: config.length },
  layers: [{ mediaType: "application/vnd.ollama.image.model", digest, size }],
});

const server = http.createServer((request, response) => {
  if (request.url?.includes("/manifests/")) return void response.end(manifest);
  const isConfig = request.url?.endsWith(configDigest) ?? false;
  const total = isConfig ? config.length : size;
  const [, first = 0, last = total - 1] = (/^bytes=(\d+)-(\d+)$/.exec(request.headers.range ?? "") ?? []).map(Number);
  const headers = { "content-range": `bytes ${first}-${last}/${total}`, "content-length": String(last - first + 1) };
  response.writeHead(206, headers);
  if (isConfig) response.end(config.subarray(first, last + 1));
  else pipeline(createReadStream(file, { start: first, end: last, highWaterMark: 1 << 20 }), response, () => {});
});
server.listen(0, "127.0.0.1", () => process.send?.({ port: (server.address() as AddressInfo).port, digest }));

function makeFile(): string {
  const hash = createHash("sha256");
  const descriptor = openSync(file, "w");
  for (let at = 0; at < size; at += PIECE) {
    const piece = randomBytes(Math.min(PIECE, size - at));
    hash.update(piece);
    writeSync(descriptor, piece);
  }
  closeSync(descriptor);
  return `sha256:${hash.digest("hex")}`;
}
