/** Where the bytes of one blob come from: a registry's answer, or the place it redirects to, asked for ranges. */
import { Failed } from "../errors.ts";
import type { Range } from "./ranges.ts";
import { HttpError, httpError, type Session } from "./session.ts";
import type { Reply } from "./wire.ts";

interface Part {
  reply: Reply;
  /** Where the body begins in the blob: 0 when the other side knows no ranges. */
  start: number;
  /** The other side sends the whole blob, whatever was asked for. */
  isWhole: boolean;
}

export interface BlobSource {
  digest: string;
  sizeBytes: number;
  url: URL;
  session: Session;
  /** Throws HttpError, or Failed when what is there cannot be the blob. */
  open(range: Range, signal: AbortSignal): Promise<Part>;
}

/**
 * A blob at an address. The address is asked once where the bytes lie; parts are then fetched from there, without credentials
 * when it is another host, and it is asked again when that place refuses (its address has expired).
 */
export function blobAt(session: Session, url: URL, { digest, sizeBytes }: { digest: string; sizeBytes: number }): BlobSource {
  let place: URL | undefined;
  let asking: Promise<unknown> | undefined;

  async function open(range: Range, signal: AbortSignal): Promise<Part> {
    while (!place && asking) await asking;
    if (place) return await get(place, range, signal);
    const asked = ask(range, signal);
    asking = asked.catch(() => {}).finally(() => (asking = undefined));
    return await asked;
  }

  /** Follows redirects to where the bytes are; the first range comes with it. */
  async function ask(range: Range, signal: AbortSignal): Promise<Part> {
    const reply = await session.send({ url, method: "GET", headers: rangeHeader(range), signal });
    const part = await read(reply, range);
    place = reply.url;
    return part;
  }

  async function get(from: URL, range: Range, signal: AbortSignal): Promise<Part> {
    const reply = await session.send({ url: from, method: "GET", headers: rangeHeader(range), signal });
    if ([401, 403, 404, 410].includes(reply.status) && from.href !== url.href) {
      reply.body.destroy();
      if (place === from) place = undefined;
      return await open(range, signal);
    }
    return await read(reply, range);
  }

  async function read(reply: Reply, range: Range): Promise<Part> {
    const { status, headers } = reply;
    if (status === 206) {
      const [, start, total] = /^bytes (\d+)-\d+\/(\d+|\*)$/.exec(headers["content-range"] ?? "") ?? [];
      if (total !== undefined && total !== "*") checkSize(reply, Number(total));
      if (Number(start) === range.start) return { reply, start: range.start, isWhole: false };
      reply.body.destroy();
      throw new Failed(`${reply.url.host} sent other bytes of ${digest} than were asked for`);
    }
    if (status === 200) {
      const length = headers["content-length"];
      if (length !== undefined) checkSize(reply, Number(length));
      return { reply, start: 0, isWhole: true };
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

function rangeHeader({ start, end }: Range): Record<string, string> {
  return { range: `bytes=${start}-${end - 1}` };
}
