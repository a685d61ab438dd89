/** The body of an answer, unpacked, as far as the limits go. */
import type { IncomingMessage } from "node:http";
import type { Readable, Transform } from "node:stream";
import { createBrotliDecompress, createGunzip } from "node:zlib";
import { PunaError } from "../errors.ts";

/** Throws PunaError 502 for one that is too large, packed in an unknown way, broken off or silent. */
export async function readBody(
  answer: IncomingMessage,
  { url, bytes, silentMs }: { url: URL; bytes: number; silentMs: number },
): Promise<Buffer> {
  const tooLarge = () =>
    new PunaError(502, `${url.href} has more than the ${Math.ceil(bytes / (1 << 20))} MB that are read of a page`, {
      code: "too_large",
    });
  if (Number(answer.headers["content-length"] ?? 0) > bytes) {
    answer.destroy();
    throw tooLarge();
  }
  answer.setTimeout(silentMs, () => answer.destroy(new Error(`${url.host} sent nothing for ${silentMs / 1000} s`)));
  const pieces: Buffer[] = [];
  let size = 0;
  const content = unpacked(answer, url);
  try {
    for await (const piece of content) {
      size += piece.length;
      // What unpacks to far more than it is stops here as well.
      if (size > bytes) throw tooLarge();
      pieces.push(piece);
    }
  } finally {
    answer.destroy();
    content.destroy();
  }
  if (!answer.complete) throw new Error(`${url.host} broke off`);
  return Buffer.concat(pieces);
}

function unpacked(answer: IncomingMessage, url: URL): Readable {
  const encoding = (answer.headers["content-encoding"] ?? "identity").trim().toLowerCase();
  if (encoding === "identity" || encoding === "") return answer;
  const unpack: Transform | undefined =
    encoding === "gzip" || encoding === "x-gzip" ? createGunzip() : encoding === "br" ? createBrotliDecompress() : undefined;
  if (!unpack) {
    answer.destroy();
    throw new PunaError(502, `${url.href} is packed as ${JSON.stringify(encoding)}, which was not asked for`, {
      code: "unknown_encoding",
    });
  }
  answer.on("error", (error) => unpack.destroy(error));
  answer.once("aborted", () => unpack.destroy(new Error(`${url.host} broke off`)));
  return answer.pipe(unpack);
}
