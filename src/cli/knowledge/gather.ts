/** What the words of `puna kb add` mean: files, folders, addresses, and what is piped in. */
import { stat } from "node:fs/promises";
import path from "node:path";
import { Invalid, messageOf } from "../../errors.ts";
import type { Failure } from "./outcome.ts";
import { isFolder, walk } from "./walk.ts";
import type { NewItem } from "./wire.ts";

export interface LocalFile {
  /** Absolute. */
  file: string;
  /** Under which the base keeps it: the same file is found there again. */
  place: string;
  bytes: number;
}

export interface Gathered {
  files: LocalFile[];
  items: NewItem[];
  /** Folders inside those that were named, which could not be read. */
  unread: Failure[];
}

/** `input` is read for `-`. Throws Invalid for what is not there, before anything is added. */
export async function gather(
  words: readonly string[],
  { name, input }: { name: string | undefined; input: AsyncIterable<Uint8Array> },
): Promise<Gathered> {
  if (name !== undefined && !words.includes("-")) throw new Invalid("--name is for what is piped in: add - to the files");
  const files = new Map<string, LocalFile>();
  const items: NewItem[] = [];
  const unread: Failure[] = [];
  for (const word of new Set(words)) {
    if (word === "-") items.push({ text: await pasted(input), ...(name !== undefined && { name }) });
    else if (/^https?:\/\//i.test(word)) items.push({ url: word });
    else for (const file of await filesIn(word, unread)) files.set(file.file, file);
  }
  if (files.size + items.length + unread.length === 0)
    throw new Invalid(`there is nothing to add in ${words.join(", ")}: hidden and ignored files are left out`);
  return { files: [...files.values()], items, unread };
}

/** The place of a path here. The base keeps it without the slash at its beginning. */
export function placeOfPath(file: string): string {
  return path.resolve(file).replaceAll(path.sep, "/").replace(/^\/+/, "").normalize("NFC");
}

async function filesIn(word: string, unread: Failure[]): Promise<LocalFile[]> {
  const walked = (await isFolder(word)) ? await walk(word) : { files: [path.resolve(word)], unread: [] };
  unread.push(...walked.unread.map(({ folder, reason }) => ({ place: placeOfPath(folder), reason, code: "unreadable_source" })));
  return await Promise.all(walked.files.map(async (file) => ({ file, place: placeOfPath(file), bytes: await sizeOf(file) })));
}

async function sizeOf(file: string): Promise<number> {
  try {
    const found = await stat(file);
    if (!found.isFile()) throw new Invalid(`${file} is neither a file nor a folder`);
    return found.size;
  } catch (error) {
    throw error instanceof Invalid ? error : new Invalid(`cannot read ${file}: ${messageOf(error)}`, { cause: error });
  }
}

async function pasted(input: AsyncIterable<Uint8Array>): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of input) chunks.push(chunk);
  const text = Buffer.concat(chunks).toString("utf8");
  if (text.trim() === "") throw new Invalid("nothing was piped in");
  return text;
}
