/** Uploaded parts of split GGUF files, `name-00001-of-00003.gguf`, become one blob. */
import { rm } from "node:fs/promises";
import { Invalid } from "../errors.ts";
import type { NamedBlob } from "./create-request.ts";
import { joinGguf } from "./gguf/join.ts";
import type { ModelStore } from "./store.ts";
import { locateUpload, namingUpload } from "./uploaded.ts";

export interface Merged {
  files: NamedBlob[];
  /** Digests of blobs that were made. */
  created: string[];
}

const MOST_PARTS = 4096;

/** The files, those of each split model replaced by the whole. Throws Invalid, with Ollama's texts where it has one, for parts that are missing or do not belong together. */
export async function mergeSplits(store: ModelStore, files: NamedBlob[]): Promise<Merged> {
  const groups = new Map<string, NamedBlob[]>();
  const whole = files.filter(({ name }) => !partOf(name));
  for (const file of files) {
    const stem = partOf(file.name)?.stem;
    if (stem !== undefined) groups.set(stem, [...(groups.get(stem) ?? []), file]);
  }
  const created: string[] = [];
  for (const [stem, parts] of groups) {
    checkNames(parts);
    const made = await join(store, parts);
    if (made.created) created.push(made.digest);
    whole.push({ name: `${stem}.gguf`, digest: made.digest });
  }
  return { files: whole, created };
}

function partOf(name: string): { stem: string; no: number; count: number } | undefined {
  const [, stem, no, count] = /^(.+)-(\d{5})-of-(\d{5})\.gguf$/i.exec(name) ?? [];
  return stem === undefined ? undefined : { stem, no: Number(no), count: Number(count) };
}

function checkNames(parts: NamedBlob[]): void {
  const named = parts.map(({ name }) => ({ name, ...partOf(name) }));
  const [any] = named;
  const count = any?.count ?? 0;
  if (!any || count < 1 || count > MOST_PARTS) throw new Invalid(`split GGUF "${any?.name}" is one of ${count} parts`);
  if (!named.some(({ no }) => no === 1)) throw new Invalid("split GGUF is missing first shard");
  if (named.some((part) => part.count !== count) || parts.length !== count) {
    throw new Invalid(`split GGUF "${any.name}" has ${parts.length} shards, expected ${count}`);
  }
}

async function join(store: ModelStore, parts: NamedBlob[]): Promise<{ digest: string; created: boolean }> {
  const paths = [];
  for (const part of parts) paths.push(await locateUpload(store, part));
  const output = await store.blobs.temporaryPath();
  try {
    await joinGguf(paths, output);
    return await store.blobs.adopt(output);
  } catch (error) {
    throw namingUpload(error, new Map(parts.map(({ name, digest }) => [digest, name])));
  } finally {
    await rm(output, { force: true });
  }
}
