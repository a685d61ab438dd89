/** The typed calls to `/puna/knowledge`. */
import { NotFound, PunaError } from "../../errors.ts";
import { answered, streamed } from "../exchange.ts";
import type { Exchange, Send } from "../transport.ts";
import { archiveCalls } from "./archive-calls.ts";
import { evaluationCalls } from "./evaluation-calls.ts";
import type { Form } from "./form.ts";
import { at, ROOT } from "./path.ts";
import { sourceCalls } from "./source-calls.ts";
import type {
  BaseReply,
  BaseSettings,
  DocumentReply,
  DocumentsReply,
  IndexReply,
  ItemReply,
  JobEvent,
  JobItemsReply,
  JobReply,
  NewItem,
  SearchBody,
  SearchReply,
  TextReply,
} from "./wire.ts";

type Options = { signal?: AbortSignal };

const PAGE = 500;

/** A base is named by its name. */
export function knowledgeCalls(send: Send) {
  const call = async <Answer>(exchange: Exchange): Promise<Answer> => {
    try {
      return await answered<Answer>(exchange, send);
    } catch (error) {
      throw isNoSuchPath(error) ? notPuna(error) : error;
    }
  };
  const get = <Answer>(path: string) => call<Answer>({ method: "GET", path });
  const post = <Answer>(path: string, body: object = {}, { signal }: Options = {}) =>
    call<Answer>({ method: "POST", path, body: JSON.stringify(body), signal });
  const patch = <Answer>(path: string, body: object) => call<Answer>({ method: "PATCH", path, body: JSON.stringify(body) });
  const remove = <Answer>(path: string) => call<Answer>({ method: "DELETE", path });
  return {
    async bases(): Promise<BaseReply[]> {
      return (await get<{ bases: BaseReply[] }>(ROOT)).bases;
    },
    base: (name: string) => get<BaseReply>(at(name)),
    create: (name: string, settings: BaseSettings) => post<BaseReply>(ROOT, { name, ...settings }),
    set: (name: string, settings: BaseSettings) => patch<BaseReply>(at(name), settings),
    rename: (name: string, newName: string) => patch<BaseReply>(at(name), { name: newName }),
    remove: (name: string) => remove<void>(at(name)),
    addItems: (name: string, items: NewItem[], options: Options = {}) =>
      post<{ job: JobReply }>(at(name, "documents"), { items }, options),
    addFiles: (name: string, form: Form, { signal }: Options = {}) =>
      call<{ job: JobReply }>({ method: "POST", path: at(name, "documents"), body: form, signal }),
    /** A page of them. */
    documents: (name: string, { after = 0, limit = PAGE }: { after?: number; limit?: number } = {}) =>
      get<DocumentsReply>(`${at(name, "documents")}?limit=${limit}&after=${after}`),
    /** All of them, page by page. */
    async *allDocuments(name: string): AsyncGenerator<DocumentReply> {
      for (let after: number | null = 0; after !== null; ) {
        const { documents, next }: DocumentsReply = await this.documents(name, { after });
        yield* documents;
        after = next;
      }
    },
    text: (name: string, document: number) => get<TextReply>(at(name, "documents", document, "text")),
    removeDocument: (name: string, document: number) => remove<void>(at(name, "documents", document)),
    /** The newest first. */
    async jobs(name: string): Promise<JobReply[]> {
      return (await get<{ jobs: JobReply[] }>(at(name, "jobs"))).jobs;
    },
    async job(name: string, job: number): Promise<JobReply> {
      return (await get<JobItemsReply>(`${at(name, "jobs", job)}?limit=1`)).job;
    },
    /** Its items, all or those of one state, page by page. */
    async *items(name: string, job: number, state?: ItemReply["state"]): AsyncGenerator<ItemReply> {
      for (let after: number | null = 0; after !== null; ) {
        const path: string = `${at(name, "jobs", job)}?limit=${PAGE}&after=${after}${state === undefined ? "" : `&state=${state}`}`;
        const { items, next }: JobItemsReply = await get(path);
        yield* items;
        after = next;
      }
    },
    cancel: (name: string, job: number) => remove<{ job: JobReply }>(at(name, "jobs", job)),
    retry: (name: string, job: number) => post<{ job: JobReply }>(at(name, "jobs", job, "retry")),
    /** What it does, until it ends. */
    events: (name: string, job: number, { signal }: Options = {}) =>
      streamed<JobEvent>({ method: "GET", path: at(name, "jobs", job, "events"), signal }, send),
    async indexes(name: string): Promise<IndexReply[]> {
      return (await get<{ indexes: IndexReply[] }>(at(name, "indexes"))).indexes;
    },
    /** With `live` it is searched as soon as it is complete. */
    buildIndex: (name: string, body: { embedder: string; live: boolean }) =>
      post<{ index: IndexReply; job: JobReply }>(at(name, "indexes"), body),
    makeLive: (name: string, index: number) => post<BaseReply>(at(name, "indexes", index, "live")),
    dropIndex: (name: string, index: number) => remove<void>(at(name, "indexes", index)),
    rollBack: (name: string) => post<BaseReply>(at(name, "rollback")),
    resetIndex: (name: string) => post<{ job: JobReply }>(at(name, "reset")),
    search: (name: string, body: SearchBody) => post<SearchReply>(at(name, "search"), body),
    ...archiveCalls(send),
    ...evaluationCalls(send),
    ...sourceCalls(send),
  };
}

/** What Ollama, and an older Puna, say to a path that they do not know. */
function isNoSuchPath(error: unknown): boolean {
  return error instanceof PunaError && error.status === 404 && error.message === "404 page not found";
}

function notPuna(cause: unknown): NotFound {
  return new NotFound("this server has no knowledge bases: they need Puna, of this version or later (check OLLAMA_HOST)", {
    cause,
  });
}
