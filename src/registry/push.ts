/** Sends a model of the store to a registry. Statuses and their order are Ollama's. */
import os from "node:os";
import { Canceled, Failed } from "../errors.ts";
import { manifestType, readManifest } from "../models/manifest.ts";
import { type ModelName, parseName, same } from "../models/name.ts";
import type { ModelStore } from "../models/store.ts";
import type { Layer } from "../models/types.ts";
import { repositoryUrl } from "./address.ts";
import { known } from "./failure.ts";
import type { TransferProgress } from "./pull.ts";
import type { RateLimit } from "./rate.ts";
import { Retries } from "./retry.ts";
import { HttpError, httpError, type Session, Unauthorized } from "./session.ts";
import { openKey } from "./ssh-key.ts";
import { UploadLost, upload, uploadLocation } from "./upload.ts";

const MAX_RESTARTS = 3;

export interface PushOptions {
  store: ModelStore;
  session: Session;
  /** Folder of this installation's key. */
  home: string;
  limit: RateLimit;
  backoffMs: number;
  everyMs: number;
  signal: AbortSignal;
}

/** Yields what it does, `success` last. What the registry has is not sent. Throws Failed or Canceled. */
export async function* push(name: ModelName, options: PushOptions): AsyncGenerator<TransferProgress> {
  const { store, signal } = options;
  yield { status: "retrieving manifest" };
  const file = await store.manifestBytes(name);
  if (!file) throw new Failed("couldn't retrieve manifest");
  try {
    const manifest = readManifest(
      file,
      (problem) => new Failed(`the manifest is damaged (${problem}); pull or create the model again`),
    );
    for (const layer of unique([...manifest.layers, manifest.config])) yield* pushBlob(name, layer, options);
    yield { status: "pushing manifest" };
    await putManifest(name, file, options);
  } catch (error) {
    if (signal.aborted) throw new Canceled(undefined, { cause: error });
    if (error instanceof Unauthorized && isOllamas(name))
      throw new Failed(`${error.message}; ${await accountHint(options)}`, { cause: error });
    throw known(error);
  }
  yield { status: "success" };
}

async function* pushBlob(name: ModelName, layer: Layer, options: PushOptions): AsyncGenerator<TransferProgress> {
  const { store, everyMs, signal } = options;
  const { digest } = layer;
  const total = await store.blobs.size(digest);
  if (total === undefined) throw new Failed(`blob ${digest} is missing from the model store; pull or create the model again`);
  const line = { status: `pushing ${digest.slice(7, 19)}`, digest, total };
  if (!(await isThere(name, digest, options))) {
    let completed = 0;
    let ended = false;
    const abort = new AbortController();
    const sending = send(name, layer, { ...options, total, signal: AbortSignal.any([signal, abort.signal]) }, (sent) => {
      completed = sent;
    }).finally(() => {
      ended = true;
    });
    const settled = sending.catch(() => {});
    try {
      for (let shown = -1; !ended; ) {
        if (completed !== shown) {
          shown = completed;
          yield { ...line, ...(shown > 0 && { completed: shown }) };
        }
        await Promise.race([settled, new Promise((resolve) => setTimeout(resolve, everyMs))]);
      }
      await sending;
    } finally {
      abort.abort();
      await settled;
    }
  }
  yield { ...line, completed: total };
}

async function isThere(name: ModelName, digest: string, { session, backoffMs, signal }: PushOptions): Promise<boolean> {
  const retries = new Retries({ backoffMs, signal });
  for (;;) {
    try {
      const reply = await session.begin((base) => repositoryUrl(base, name, `blobs/${digest}`), { method: "HEAD", signal });
      reply.body.destroy();
      if (reply.status === 404) return false;
      if (reply.status >= 400) throw await httpError(reply, session.wire);
      return true;
    } catch (error) {
      // Whoever pushes wants to hear at once that there is no way to the registry.
      if (!(error instanceof HttpError)) throw error;
      await retries.wait(error);
    }
  }
}

type SendOptions = PushOptions & { total: number };

async function send(name: ModelName, layer: Layer, options: SendOptions, onProgress: (sent: number) => void): Promise<void> {
  const { store, session, limit, backoffMs, total, signal } = options;
  for (let restarts = 0; ; restarts++) {
    const retries = new Retries({ backoffMs, signal });
    const location = await beginUpload(name, layer, { session, retries, signal });
    if (!location) return;
    try {
      const { digest } = layer;
      const file = await store.blobs.locate(digest);
      return await upload({ session, location, file, digest, sizeBytes: total, limit, onProgress, retries, signal });
    } catch (error) {
      if (!(error instanceof UploadLost) || restarts >= MAX_RESTARTS) throw error;
    }
  }
}

/** Where the blob goes. Undefined when the registry took it over from the model that it comes from. */
async function beginUpload(
  name: ModelName,
  { digest, from }: Layer,
  { session, retries, signal }: { session: Session; retries: Retries; signal: AbortSignal },
): Promise<URL | undefined> {
  const url = repositoryUrl(session.base, name, "blobs/uploads/");
  const origin = from === undefined ? undefined : parseName(from);
  if (origin && same(origin.host, name.host)) {
    url.searchParams.set("mount", digest);
    url.searchParams.set("from", `${origin.namespace}/${origin.model}`);
  }
  for (;;) {
    try {
      const reply = await session.send({ url, method: "POST", redirects: "stop", signal });
      if (reply.status >= 400) throw await httpError(reply, session.wire);
      reply.body.destroy();
      return reply.status === 201 ? undefined : uploadLocation(reply);
    } catch (error) {
      await retries.wait(error);
    }
  }
}

async function putManifest(name: ModelName, bytes: Buffer, { session, backoffMs, signal }: PushOptions): Promise<void> {
  const retries = new Retries({ backoffMs, signal });
  for (;;) {
    try {
      const reply = await session.send({
        url: repositoryUrl(session.base, name, `manifests/${name.tag}`),
        method: "PUT",
        headers: { "content-type": manifestType },
        body: bytes,
        signal,
      });
      if (reply.status >= 400) throw await httpError(reply, session.wire);
      reply.body.destroy();
      return;
    } catch (error) {
      await retries.wait(error);
    }
  }
}

function isOllamas({ host }: ModelName): boolean {
  return /\.ollama\.(ai|com)$/i.test(host);
}

/** The address at which an account takes this server's key; the command line shows it. */
async function accountHint({ home }: PushOptions): Promise<string> {
  const line = `ssh-ed25519 ${(await openKey(home)).publicKey}`;
  const address = new URL("https://ollama.com/connect");
  address.searchParams.set("name", os.hostname());
  address.searchParams.set("key", Buffer.from(line).toString("base64url"));
  return `to let this server act for your account, open ${address.href}`;
}

function unique(layers: Layer[]): Layer[] {
  return [...new Map(layers.map((layer) => [layer.digest, layer])).values()];
}
