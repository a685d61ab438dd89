/** One blob, or a range of it, from disk as the client takes it. */
import { type FileHandle, open } from "node:fs/promises";
import type { Context } from "hono";
import { Failed, messageOf, NotFound } from "../../errors.ts";
import { parseRange, type Span } from "./range.ts";

const CHUNK_BYTES = 1 << 20;

/** `location` is the blob's own address. Throws NotFound. */
export async function sendBlob(
  c: Context,
  { file, digest, location }: { file: string; digest: string; location: string },
): Promise<Response> {
  const handle = await open(file).catch((cause) => {
    throw new NotFound("blob unknown: it is missing from this server", { code: "BLOB_UNKNOWN", cause });
  });
  let isHandedOn = false;
  try {
    const { size } = await handle.stat();
    const etag = `"${digest}"`;
    const isOther = (c.req.header("if-range") ?? etag) !== etag;
    const range = isOther ? undefined : parseRange(c.req.header("range"), size);
    const headers = {
      "Content-Type": "application/octet-stream",
      "Docker-Content-Digest": digest,
      "Accept-Ranges": "bytes",
      ETag: etag,
      Location: location,
    };
    if (range === "unsatisfiable") return c.body(null, 416, { ...headers, "Content-Range": `bytes */${size}` });
    const span = range ?? { first: 0, last: size - 1 };
    const length = { ...headers, "Content-Length": String(span.last - span.first + 1) };
    const status = range ? 206 : 200;
    const all = range ? { ...length, "Content-Range": `bytes ${span.first}-${span.last}/${size}` } : length;
    if (c.req.raw.method === "HEAD") return c.body(null, status, all);
    isHandedOn = true;
    return c.body(read(handle, span), status, all);
  } finally {
    if (!isHandedOn) await handle.close();
  }
}

/** Reads only when the client wants more, and closes the file when it has enough. */
function read(handle: FileHandle, { first, last }: Span): ReadableStream<Uint8Array> {
  let at = first;
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        try {
          const want = Math.min(CHUNK_BYTES, last + 1 - at);
          if (want > 0) {
            const { bytesRead, buffer } = await handle.read(Buffer.allocUnsafe(want), 0, want, at);
            if (bytesRead === 0) throw new Failed("the file ended early");
            at += bytesRead;
            controller.enqueue(buffer.subarray(0, bytesRead));
          }
          if (at > last) {
            await handle.close();
            controller.close();
          }
        } catch (error) {
          await handle.close().catch(() => {});
          controller.error(new Failed(`cannot send the blob: ${messageOf(error)}`, { cause: error }));
        }
      },
      async cancel() {
        await handle.close();
      },
    },
    { highWaterMark: 0 },
  );
}
