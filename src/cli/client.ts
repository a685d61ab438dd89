/** The typed calls of the command line to a server. Works against Puna and against a genuine Ollama. */
import type { Readable } from "node:stream";
import type { Config } from "../config.ts";
import { accepted, answered, failure, parse, streamed, text } from "./exchange.ts";
import { knowledgeCalls } from "./knowledge/calls.ts";
import { connect, type Exchange, type Send } from "./transport.ts";
import type {
  ChatBody,
  ChatChunk,
  CreateBody,
  EmbedBody,
  EmbedReply,
  FitReply,
  GenerateBody,
  GenerateChunk,
  KeyReply,
  ListedModel,
  NewKeyBody,
  ProgressLine,
  RunningModel,
  ShowReply,
  TransferBody,
} from "./wire.ts";

type Options = { signal?: AbortSignal };

export type Client = ReturnType<typeof calls> & {
  /** The same calls, ended by a signal where they have none of their own. */
  until(signal: AbortSignal): Client;
};

/** Errors carry the server's text and status; those of streaming calls begin with the status line, as Ollama's do. */
export function createClient(host: Config["host"], send: Send = connect(host)): Client {
  return {
    ...calls(send),
    until: (signal) => createClient(host, (exchange) => send({ ...exchange, signal: exchange.signal ?? signal })),
  };
}

function calls(send: Send) {
  const call = <Answer>(exchange: Exchange) => answered<Answer>(exchange, send);
  const post = <Answer>(path: string, body: object, { signal }: Options = {}) =>
    call<Answer>({ method: "POST", path, body: JSON.stringify(body), signal });
  const stream = <Chunk>(path: string, body: object, { signal }: Options) =>
    streamed<Chunk>({ method: "POST", path, body: JSON.stringify(body), signal }, send);
  return {
    /** Rejects when no server answers. */
    async heartbeat(options: Options = {}): Promise<void> {
      await text(await accepted({ method: "HEAD", path: "/", ...options }, send));
    },
    async version(): Promise<string> {
      return (await call<{ version: string }>({ method: "GET", path: "/api/version" })).version;
    },
    async list(): Promise<ListedModel[]> {
      return (await call<{ models: ListedModel[] | null }>({ method: "GET", path: "/api/tags" })).models ?? [];
    },
    async running(): Promise<RunningModel[]> {
      return (await call<{ models: RunningModel[] | null }>({ method: "GET", path: "/api/ps" })).models ?? [];
    },
    show: (model: string, options: { verbose?: boolean } = {}) => post<ShowReply>("/api/show", { model, ...options }),
    /** Puna only. `model` is a name or a number of parameters such as `7B`; `memory` is in bytes. */
    fit: (body: { model: string; memory?: number }) => post<FitReply>("/api/fit", body),
    copy: (source: string, destination: string) => post<void>("/api/copy", { source, destination }),
    remove: (model: string) => call<void>({ method: "DELETE", path: "/api/delete", body: JSON.stringify({ model }) }),
    embed: (body: EmbedBody, options: Options = {}) => post<EmbedReply>("/api/embed", body, options),
    /** Unloads the model from memory. */
    unload: (model: string) => post<GenerateChunk>("/api/generate", { model, keep_alive: 0, stream: false }),
    /** Loads the model into memory. */
    load: (body: { model: string; keep_alive?: string | number; options?: Record<string, unknown> }, options: Options = {}) =>
      post<GenerateChunk>("/api/generate", { ...body, prompt: "", stream: false }, options),
    generate: (body: GenerateBody, options: Options = {}) => stream<GenerateChunk>("/api/generate", body, options),
    chat: (body: ChatBody, options: Options = {}) => stream<ChatChunk>("/api/chat", body, options),
    create: (body: CreateBody, options: Options = {}) => stream<ProgressLine>("/api/create", body, options),
    /** Lets the server use a file of its own machine where it lies; the last line has the digest. */
    useFile: (file: string, options: Options = {}) => stream<ProgressLine>("/puna/files", { path: file }, options),
    prune: () => post<{ removed: number }>("/puna/prune", {}),
    createKey: (body: NewKeyBody) => post<KeyReply & { key: string }>("/puna/keys", body),
    async keys(): Promise<KeyReply[]> {
      return (await call<{ keys: KeyReply[] }>({ method: "GET", path: "/puna/keys" })).keys;
    },
    revokeKey: (key: string) => call<KeyReply>({ method: "DELETE", path: `/puna/keys/${encodeURIComponent(key)}` }),
    /** Puna only. */
    knowledge: knowledgeCalls(send),
    pull: (body: TransferBody, options: Options = {}) => stream<ProgressLine>("/api/pull", body, options),
    /** Puna only: whether a registry has another version. */
    outdated: (body: TransferBody) => post<{ outdated: boolean }>("/api/outdated", body),
    push: (body: TransferBody, options: Options = {}) => stream<ProgressLine>("/api/push", body, options),
    /** Who is signed in at ollama.com or, where nobody is, the address to do it at; neither where there are no accounts. */
    async account(): Promise<{ name?: string; signin_url?: string }> {
      const reply = await send({ method: "POST", path: "/api/me" });
      const body = await text(reply);
      if (reply.status >= 400 && reply.status !== 401) throw failure(reply, body);
      return parse(body);
    },
    signOut: () => post<void>("/api/signout", {}),
    async hasBlob(digest: string): Promise<boolean> {
      const reply = await send({ method: "HEAD", path: `/api/blobs/${digest}` });
      await text(reply);
      return reply.status === 200;
    },
    async putBlob(digest: string, blob: { stream: Readable; sizeBytes: number }, { signal }: Options = {}): Promise<void> {
      await text(await accepted({ method: "POST", path: `/api/blobs/${digest}`, body: blob, signal }, send));
    },
  };
}
