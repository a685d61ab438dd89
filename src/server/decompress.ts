/** Request bodies that clients sent compressed. */
import { promisify } from "node:util";
import zlib from "node:zlib";
import { Invalid, messageOf, PunaError } from "../errors.ts";

type Decode = (bytes: Buffer, options: { maxOutputLength: number }) => Promise<Buffer>;

/** Zstandard came with Node 22.15. */
const { zstdDecompress }: { zstdDecompress?: typeof zlib.gunzip } = zlib as object;

const DECODERS: Record<string, Decode | undefined> = {
  gzip: promisify<Uint8Array, object, Buffer>(zlib.gunzip),
  "x-gzip": promisify<Uint8Array, object, Buffer>(zlib.gunzip),
  deflate: promisify<Uint8Array, object, Buffer>(zlib.inflate),
  br: promisify<Uint8Array, object, Buffer>(zlib.brotliDecompress),
  zstd: zstdDecompress && promisify<Uint8Array, object, Buffer>(zstdDecompress),
};

/** `encoding` is the header. Throws 413 beyond the limit, 415 for what cannot be read here, Invalid for damaged bytes. */
export async function decompress(bytes: Buffer, encoding: string | undefined, limitBytes: number): Promise<Buffer> {
  const name = (encoding ?? "").trim().toLowerCase();
  if (name === "" || name === "identity") return bytes;
  const decode = Object.hasOwn(DECODERS, name) ? DECODERS[name] : undefined;
  if (!decode) {
    const remedy = name === "zstd" ? "send it uncompressed, or run Puna on Node 22.15 or later" : "send it uncompressed";
    throw new PunaError(415, `the request body is compressed with ${JSON.stringify(name)}, which cannot be read here: ${remedy}`);
  }
  try {
    return await decode(bytes, { maxOutputLength: limitBytes });
  } catch (error) {
    if (error instanceof RangeError)
      throw new PunaError(413, `the request body exceeds ${limitBytes >> 20} MiB`, { cause: error });
    throw new Invalid(`the request body is no ${name}: ${messageOf(error)}`, { cause: error });
  }
}
