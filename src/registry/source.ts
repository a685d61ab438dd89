/** Where the bytes of one blob come from: a registry's answer, or the place it redirects to, asked for ranges. */
import { Failed } from "../errors.ts";
import { blocksOf } from "./blocks.ts";
import type { Range } from "./ranges.ts";
import type { RateLimit } from "./rate.ts";
import { HttpError, httpError, type Session } from "./session.ts";
import { pieces, type Reply } from "./wire.ts";

interface Part {
  url: URL;
  /** The body. Each block is good until the next is asked for; all of them are to be read, or discarded. */
  blocks: AsyncGenerator<Buffer>;
  discard: () => void;
  /** Where the body begins in the blob: 0 when the other side knows no ranges. */
  start: number;
  /** The other side sends the whole blob, whatever was asked for. */
  isWhole: boolean;
}

interface OpenOptions {
  /** Bytes of a block of the body. */
  blockBytes: number;
  limit: RateLimit;
  signal: AbortSignal;
}

export interface BlobSource {
  digest: string;
  sizeBytes: number;
  url: URL;
  session: Session;
  /** Throws HttpError, or Failed when what is there cannot be the blob. */
  open(range: Range, options: OpenOptions): Promise<Part>;
}

/**
 * A blob at an address. The address is asked once where the bytes lie; parts are then fetched from there, without credentials
 * when it is another host, and it is asked again when that place refuses (its address has expired).
 */
export function blobAt(session: Session, url: URL, { digest, sizeBytes }: { digest: string; sizeBytes: number }): BlobSource {
  let place: URL | undefined;
  let asking: Promise<unknown> | undefined;

  async function open(range: Range, options: OpenOptions): Promise<Part> {
    while (!place && asking) await asking;
    if (place) return (await getDirect(place, range, options)) ?? (await get(place, range, options));
    const asked = ask(range, options);
    asking = asked.catch(() => {}).finally(() => (asking = undefined));
    return await asked;
  }

  /** Follows redirects to where the bytes are; the first range comes with it. */
  async function ask(range: Range, options: OpenOptions): Promise<Part> {
    const reply = await session.send({ url, method: "GET", headers: rangeHeader(range), signal: options.signal });
    const part = await read(reply, range, options);
    place = reply.url;
    return part;
  }

  /** The cheap way to a range. Undefined when it does not come as asked for: then it is asked for again, with all care. */
  async function getDirect(from: URL, range: Range, { blockBytes, limit, signal }: OpenOptions): Promise<Part | undefined> {
    if (limit.isSet) return undefined;
    const asked = { url: from, method: "GET" as const, headers: rangeHeader(range), signal };
    const reply = await session.sendDirect(asked, blockBytes);
    if (!reply) return undefined;
    const { status, headers, blocks, discard } = reply;
    const [start, total] = status === 206 ? contentRange(headers) : [];
    if (start === range.start && total === sizeBytes) return { url: from, blocks, discard, start, isWhole: false };
    discard();
    return undefined;
  }

  async function get(from: URL, range: Range, options: OpenOptions): Promise<Part> {
    const reply = await session.send({ url: from, method: "GET", headers: rangeHeader(range), signal: options.signal });
    if ([401, 403, 404, 410].includes(reply.status) && from.href !== url.href) {
      reply.body.destroy();
      if (place === from) place = undefined;
      return await open(range, options);
    }
    return await read(reply, range, options);
  }

  async function read(reply: Reply, range: Range, { blockBytes, limit, signal }: OpenOptions): Promise<Part> {
    const { status, headers } = reply;
    const part = (start: number, isWhole: boolean): Part => ({
      url: reply.url,
      blocks: blocksOf(pieces(reply, session.wire.stallMs), {
        blockBytes,
        ...(limit.isSet && { pay: (bytes) => limit.take(bytes, signal) }),
      }),
      discard: () => reply.body.destroy(),
      start,
      isWhole,
    });
    if (status === 206) {
      const [start, total] = contentRange(headers);
      if (total !== undefined && !Number.isNaN(total)) checkSize(reply, total);
      if (start === range.start) return part(start, false);
      reply.body.destroy();
      throw new Failed(`${reply.url.host} sent other bytes of ${digest} than were asked for`);
    }
    if (status === 200) {
      const length = headers["content-length"];
      if (length !== undefined) checkSize(reply, Number(length));
      return part(0, true);
    }
    if (status === 416) checkSize(reply, Number(/\/(\d+)$/.exec(headers["content-range"] ?? "")?.[1] ?? Number.NaN));
    const error = await httpError(reply, session.wire);
    if (status === 404)
      throw new Failed(`blob ${digest} is not on ${reply.url.host}, although its manifest names it`, { cause: error });
    throw error instanceof HttpError && status < 400 ? new Failed(`${reply.url.host} answered ${error.message}`) : error;
  }

  function checkSize(reply: Reply, size: number): void {
    if (size === sizeBytes) return;
    reply.body.destroy();
    const found = Number.isNaN(size) ? "fewer" : size;
    throw new Failed(`blob ${digest} has ${found} bytes on ${reply.url.host}, where its manifest says ${sizeBytes}`);
  }

  return { digest, sizeBytes, url, session, open };
}

/** First byte and size of the whole, which is NaN when it is not told. */
function contentRange({ "content-range": text = "" }: { "content-range"?: string | undefined }): [number?, number?] {
  const [, start, total] = /^bytes (\d+)-\d+\/(\d+|\*)$/.exec(text) ?? [];
  return start === undefined ? [] : [Number(start), Number(total)];
}

function rangeHeader({ start, end }: Range): Record<string, string> {
  return { range: `bytes=${start}-${end - 1}` };
}
