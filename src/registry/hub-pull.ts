/** Pulls what the hub gives no manifest for: split GGUF files. The parts are fetched like layers, and joined. */
import { rm } from "node:fs/promises";
import { Failed } from "../errors.ts";
import { configOf } from "../models/base-layers.ts";
import { parseDigest } from "../models/digest.ts";
import { checkLoadable } from "../models/gguf/check.ts";
import { joinGguf } from "../models/gguf/join.ts";
import { readGguf } from "../models/gguf/read.ts";
import { configType, encodeManifest, isRecord, layerTypes, readManifest } from "../models/manifest.ts";
import { displayName, type ModelName } from "../models/name.ts";
import type { Layer } from "../models/types.ts";
import { chooseFiles, type HubFile, hubAccess } from "./hugging-face.ts";
import { type PullOptions, pullBlob, type TransferProgress, writeManifest } from "./pull.ts";
import { httpError } from "./session.ts";
import { blobAt } from "./source.ts";
import { readText } from "./wire.ts";

const MAX_PAGE_BYTES = 16 << 20;
const MAX_PAGES = 100;

/** Yields progress up to the manifest, without `success`. */
export async function* pullFiles(name: ModelName, options: PullOptions): AsyncGenerator<TransferProgress> {
  const { store, session } = options;
  const { repository, files } = await wantedFiles(name, options);
  const sources = files.map(({ path, digest, sizeBytes }) => {
    if (digest === undefined) throw new Failed(`${repository} states no digest for ${path}, so it cannot be checked`);
    const url = at(
      session.base,
      `${name.namespace}/${name.model}/resolve/main/${path.split("/").map(encodeURIComponent).join("/")}`,
    );
    return { digest, source: blobAt(session, url, { digest, sizeBytes }) };
  });
  const parts = sources.map(({ digest }) => digest);
  const id = parts[0] ?? "";
  if (await isCurrent(name, parts, options)) {
    for (const { digest, sizeBytes } of sources.map(({ source }) => source)) {
      yield { status: `pulling ${digest.slice(7, 19)}`, digest, total: sizeBytes, completed: sizeBytes };
    }
    return;
  }
  await store.blobs.want(id, parts);
  for (const { source } of sources) yield* pullBlob(source, options);
  yield { status: "verifying sha256 digest" };
  const model = parts.length === 1 ? id : yield* join(parts, options);
  yield* writeModel(name, { model, parts }, options);
  await store.blobs.unwant(id);
  await store.removeIfUnused(parts);
}

/** Whether the files that the hub has for a name are those that the model here was made from. */
export async function filesAreCurrent(name: ModelName, options: PullOptions): Promise<boolean> {
  const { files } = await wantedFiles(name, options);
  const parts = files.flatMap(({ digest }) => digest ?? []);
  return parts.length === files.length && (await isCurrent(name, parts, options));
}

async function wantedFiles(name: ModelName, options: PullOptions): Promise<{ repository: string; files: HubFile[] }> {
  const repository = `${name.host}/${name.namespace}/${name.model}`;
  return { repository, files: chooseFiles(await listFiles(name, options), name.tag, repository) };
}

/** What has been fetched once and joined is not fetched again: the model's config remembers the digests of its parts. */
async function isCurrent(name: ModelName, parts: string[], { store }: PullOptions): Promise<boolean> {
  const found = await store.find(name);
  const stored = found && (await store.read(found).catch(() => undefined));
  if (!stored || stored.config.joined_from?.join() !== parts.join()) return false;
  const here = await Promise.all(
    stored.manifest.layers.map(async ({ digest, size }) => (await store.blobs.size(digest)) === size),
  );
  return here.every(Boolean);
}

async function* join(parts: string[], { store }: PullOptions): AsyncGenerator<TransferProgress, string> {
  yield { status: `joining ${parts.length} files` };
  const file = await store.blobs.temporaryPath();
  try {
    await joinGguf(await Promise.all(parts.map((digest) => store.blobs.locate(digest))), file);
    return (await store.blobs.adopt(file)).digest;
  } finally {
    await rm(file, { force: true });
  }
}

async function* writeModel(
  name: ModelName,
  { model, parts }: { model: string; parts: string[] },
  { store }: PullOptions,
): AsyncGenerator<TransferProgress> {
  const header = await readGguf(await store.blobs.locate(model));
  checkLoadable(header);
  const config = { ...configOf(header), joined_from: parts, architecture: "amd64", os: "linux" };
  const { digest, size } = await store.blobs.add([Buffer.from(JSON.stringify(config))]);
  const layers: Layer[] = [{ mediaType: layerTypes.model, digest: model, size: header.fileSize }];
  const bytes = encodeManifest({ mediaType: configType, digest, size }, layers);
  yield* writeManifest(
    name,
    bytes,
    readManifest(bytes, (problem) => new Failed(`${displayName(name)}: ${problem}`)),
    store,
  );
}

/** All files of the repository's main branch, page by page. */
async function listFiles(name: ModelName, options: PullOptions): Promise<HubFile[]> {
  const { session, signal } = options;
  const files: HubFile[] = [];
  let url: URL | undefined = at(session.base, `api/models/${name.namespace}/${name.model}/tree/main?recursive=true`);
  for (let page = 0; url && page < MAX_PAGES; page++) {
    const reply = await session.send({ url, method: "GET", signal });
    if (reply.status === 401 || reply.status === 404) {
      reply.body.destroy();
      throw new Failed(`pull model manifest: file does not exist; ${hubAccess}`);
    }
    if (reply.status !== 200) throw new Failed(`pull model manifest: ${(await httpError(reply, session.wire)).message}`);
    files.push(...parseFiles(await readText(reply, { limit: MAX_PAGE_BYTES, stallMs: session.wire.stallMs })));
    const next: string | undefined = /<([^>]+)>\s*;[^,]*rel="?next"?/i.exec(String(reply.headers.link ?? ""))?.[1];
    url = next !== undefined && URL.canParse(next, reply.url.href) ? new URL(next, reply.url) : undefined;
    // A next page is on the same host, or it is not ours to ask.
    if (url && url.origin !== reply.url.origin) url = undefined;
  }
  return files;
}

/** The hub's own form: `{type, path, size, lfs: {oid, size}}`, where `oid` is a sha256. */
export function parseFiles(bytes: Buffer | undefined): HubFile[] {
  const list = parseJson(bytes);
  if (!Array.isArray(list)) throw new Failed("pull model manifest: the list of the repository's files cannot be read");
  return list.filter(isRecord).flatMap(({ type, path, size, lfs }) => {
    if (type !== "file" || typeof path !== "string") return [];
    const large = isRecord(lfs) ? lfs : {};
    const sizeBytes = Number(large.size ?? size);
    const { oid } = large;
    const digest = typeof oid === "string" && /^[0-9a-f]{64}$/i.test(oid) ? parseDigest(`sha256:${oid}`) : undefined;
    return Number.isSafeInteger(sizeBytes) && sizeBytes >= 0 ? [{ path, sizeBytes, digest }] : [];
  });
}

function parseJson(bytes: Buffer | undefined): unknown {
  try {
    return JSON.parse(bytes?.toString("utf8") ?? "");
  } catch {
    return undefined;
  }
}

function at(base: URL, rest: string): URL {
  return new URL(`${base.href.replace(/\/+$/, "")}/${rest}`);
}
