/** Sends one blob to a registry, piece after piece, or to the places that it names. */
import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { Failed } from "../errors.ts";
import type { Range } from "./ranges.ts";
import { cut } from "./ranges.ts";
import type { RateLimit } from "./rate.ts";
import { isTransient, type Retries } from "./retry.ts";
import { HttpError, httpError, type Session } from "./session.ts";
import type { Reply } from "./wire.ts";

/** As Ollama: a sixteenth, between 100 MB and 1000 MB. Fewer, larger pieces, since each is a request in turn. */
function pieceBytes(size: number): number {
  return Math.min(1000e6, Math.max(100e6, Math.ceil(size / 16)));
}

export interface UploadOptions {
  session: Session;
  /** Where the registry wants the upload. */
  location: URL;
  file: string;
  digest: string;
  sizeBytes: number;
  limit: RateLimit;
  /** Bytes sent so far; goes back when a piece must be sent again. */
  onProgress: (completed: number) => void;
  retries: Retries;
  signal: AbortSignal;
}

/** Throws HttpError, Unauthorized, or what the network did. */
export async function upload(options: UploadOptions): Promise<void> {
  const { session, digest, sizeBytes, retries, signal } = options;
  const md5s: Buffer[] = [];
  let { location } = options;
  for (const piece of cut([{ start: 0, end: sizeBytes }], pieceBytes(sizeBytes))) {
    for (;;) {
      try {
        const sent = await sendPiece(location, piece, options);
        location = sent.next;
        md5s.push(sent.md5);
        retries.reset();
        break;
      } catch (error) {
        await retries.wait(error);
        location = await resumeAt(location, piece, options);
      }
    }
  }
  const url = new URL(location);
  url.searchParams.set("digest", digest);
  const joined = createHash("md5").update(Buffer.concat(md5s)).digest("hex");
  url.searchParams.set("etag", `${joined}-${md5s.length}`);
  for (;;) {
    try {
      const reply = await session.send({ url, method: "PUT", signal });
      if (reply.status >= 400) throw await httpError(reply, session.wire);
      reply.body.destroy();
      return;
    } catch (error) {
      await retries.wait(error);
    }
  }
}

/** Where an upload begins: `Docker-Upload-Location`, or `Location`. */
export function uploadLocation(reply: Reply): URL {
  const header = reply.headers["docker-upload-location"] ?? reply.headers.location;
  const text = Array.isArray(header) ? header[0] : header;
  if (text === undefined || !URL.canParse(text, reply.url.href))
    throw new Failed(`${reply.url.host} does not say where an upload goes`);
  return new URL(text, reply.url);
}

async function sendPiece(location: URL, piece: Range, options: UploadOptions): Promise<{ next: URL; md5: Buffer }> {
  const { session, signal } = options;
  const md5 = { value: Buffer.alloc(0) };
  const headers = {
    "content-type": "application/octet-stream",
    "content-range": `${piece.start}-${piece.end - 1}`,
    "x-redirect-uploads": "1",
  };
  const reply = await session.send({
    url: location,
    method: "PATCH",
    headers,
    body: bodyOf(piece, md5, options),
    redirects: "stop",
    signal,
  });
  if (reply.status >= 400) throw await httpError(reply, session.wire);
  const next = uploadLocation(reply);
  reply.body.destroy();
  if (reply.status !== 307) return { next, md5: md5.value };
  const target = reply.headers.location;
  if (target === undefined || !URL.canParse(target, location.href))
    throw new Failed(`${location.host} redirects an upload nowhere`);
  await sendElsewhere(new URL(target, location), piece, md5, options);
  return { next, md5: md5.value };
}

/** The registry's storage takes the piece itself, without our credentials. */
async function sendElsewhere(url: URL, piece: Range, md5: { value: Buffer }, options: UploadOptions): Promise<void> {
  const { session, signal, retries } = options;
  session.checkRedirect(options.location, url);
  for (;;) {
    try {
      const reply = await session.send({ url, method: "PUT", body: bodyOf(piece, md5, options), redirects: "stop", signal });
      if (reply.status >= 400) throw await httpError(reply, session.wire);
      reply.body.destroy();
      return;
    } catch (error) {
      await retries.wait(error);
    }
  }
}

/**
 * A registry that took part of a piece would refuse the whole: it is asked how far it got. What is there before the piece must
 * be all of it, and what is there of the piece must be none.
 */
async function resumeAt(location: URL, piece: Range, { session, signal }: UploadOptions): Promise<URL> {
  const reply = await session.send({ url: location, method: "GET", redirects: "stop", signal }).catch((error) => {
    if (isTransient(error)) return undefined;
    throw error;
  });
  if (!reply) return location;
  reply.body.destroy();
  if (reply.status >= 400) throw new UploadLost(reply);
  const [, last] = /^(?:bytes=)?\d+-(\d+)$/.exec(String(reply.headers.range ?? "")) ?? [];
  const there = last === undefined || Number(last) === 0 ? 0 : Number(last) + 1;
  if (there !== piece.start) throw new UploadLost(reply);
  return reply.headers.location === undefined ? location : uploadLocation(reply);
}

/** The upload has to begin anew. */
export class UploadLost extends HttpError {
  constructor({ headers }: Reply) {
    super({ status: 503, headers }, "the registry lost the upload");
  }
}

function bodyOf({ start, end }: Range, md5: { value: Buffer }, { file, limit, onProgress, signal }: UploadOptions) {
  async function* stream(): AsyncGenerator<Uint8Array> {
    const hash = createHash("md5");
    let at = start;
    for await (const piece of createReadStream(file, { start, end: end - 1, highWaterMark: 256 << 10 })) {
      await limit.take(piece.length, signal);
      hash.update(piece);
      yield piece;
      at += piece.length;
      onProgress(at);
    }
    md5.value = hash.digest();
  }
  return { stream, sizeBytes: end - start };
}
