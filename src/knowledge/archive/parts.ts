/** The parts of an exported base, read from its file. What follows a part is not known to be right before the last was given out. */
import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { pipeline } from "node:stream";
import { createGunzip } from "node:zlib";
import { codeOf, Invalid, messageOf } from "../../errors.ts";
import { PARSE_LIMITS } from "../parse/limits.ts";
import { documentName, MANIFEST, type Manifest, QUESTIONS, readManifest, SUMS, vectorsName, wrong } from "./format.ts";
import { type TarFile, untarred } from "./tar.ts";

/** Unpacked bytes for a packed one, beyond the first: text gets to some 10, a bomb to 1,000. */
const MOST_RATIO = 300;
const FREE_BYTES = 64 << 20;
/** A character takes six bytes at most as JSON. */
const MOST_DOCUMENT_BYTES = PARSE_LIMITS.characters * 8;
const MOST_VECTOR_BYTES = 256 << 20;

export type Part =
  | { manifest: Manifest }
  | { number: number; document: Buffer; vectors: Buffer | undefined }
  | { questions: Buffer };

/** In the order of the format. Throws Invalid for a file that is not whole, not ours or made to do harm. */
export async function* partsOf(file: string): AsyncGenerator<Part> {
  const sums: string[] = [];
  const files = untarred(unpacked(file), mostBytes);
  const next = async (name: string): Promise<Buffer> => {
    const { value, done }: IteratorResult<TarFile, void> = await files.next();
    if (done) throw new Invalid(`the file is not whole: ${name} is missing`);
    if (value.name !== name) throw wrong(JSON.stringify(value.name), `${name} should stand there`);
    if (name !== SUMS) sums.push(`${createHash("sha256").update(value.bytes).digest("hex")}  ${name}\n`);
    return value.bytes;
  };
  try {
    const manifest = readManifest(await next(MANIFEST));
    yield { manifest };
    for (let number = 1; number <= manifest.documents; number++) {
      const document = await next(documentName(number));
      yield { number, document, vectors: manifest.vectors ? await next(vectorsName(number)) : undefined };
    }
    yield { questions: await next(QUESTIONS) };
    const said = (await next(SUMS)).toString("utf8");
    const broken = sums.find((line, i) => said.split("\n")[i] !== line.trimEnd());
    if (said !== sums.join(""))
      throw new Invalid(`the file is damaged: the checksum of ${broken?.slice(66).trimEnd() ?? SUMS} is wrong`);
    const { done, value } = await files.next();
    if (!done) throw wrong(JSON.stringify(value.name), "nothing may stand behind the checksums");
  } finally {
    await files.return(undefined);
  }
}

function mostBytes(name: string): number {
  if (name === MANIFEST) return 1 << 20;
  if (name === QUESTIONS || name === SUMS) return 128 << 20;
  if (/^documents\/\d{8}\.json$/.test(name)) return MOST_DOCUMENT_BYTES;
  if (/^vectors\/\d{8}\.f32$/.test(name)) return MOST_VECTOR_BYTES;
  throw new Invalid(`${JSON.stringify(name)} is no part of an exported knowledge base`);
}

async function* unpacked(file: string): AsyncGenerator<Uint8Array> {
  const { size } = await stat(file);
  if (size === 0) throw new Invalid("the file is empty");
  const most = FREE_BYTES + size * MOST_RATIO;
  const gunzip = createGunzip();
  // Whatever goes wrong ends the last of the streams, which is read below.
  pipeline(createReadStream(file), gunzip, () => {});
  let count = 0;
  try {
    for await (const chunk of gunzip as AsyncIterable<Buffer>) {
      count += chunk.length;
      if (count > most) throw new Invalid("the file unpacks to far more than it is: refused as an archive bomb");
      yield chunk;
    }
  } catch (error) {
    throw told(error);
  } finally {
    gunzip.destroy();
  }
}

function told(error: unknown): unknown {
  const code = codeOf(error);
  if (code === "Z_BUF_ERROR")
    return new Invalid("the file is cut off: it was not written, or not copied, to its end", { cause: error });
  if (typeof code === "string" && code.startsWith("Z_")) {
    return new Invalid(`the file is damaged, or no export of a knowledge base: ${messageOf(error)}`, { cause: error });
  }
  return error;
}
