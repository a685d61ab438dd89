/** The typed calls about what a base looks at again. */
import { answered, streamed } from "../exchange.ts";
import type { Exchange, Send } from "../transport.ts";
import { at } from "./path.ts";
import type { NewSource, SourceReply } from "./source-wire.ts";

type One = { source: SourceReply };

export function sourceCalls(send: Send) {
  const call = <Answer>(exchange: Exchange) => answered<Answer>(exchange, send);
  const post = async (path: string, body: object) =>
    (await call<One>({ method: "POST", path, body: JSON.stringify(body) })).source;
  return {
    async sources(base: string): Promise<SourceReply[]> {
      return (await call<{ sources: SourceReply[] }>({ method: "GET", path: at(base, "sources") })).sources;
    },
    addSource: (base: string, source: NewSource) => post(at(base, "sources"), source),
    /** With `again`, what failed is tried once more. */
    syncSource: (base: string, id: number, again: boolean) => post(at(base, "sources", id, "sync"), { again }),
    removeSource: (base: string, id: number, documents: "keep" | "remove") =>
      call<void>({ method: "DELETE", path: `${at(base, "sources", id)}?documents=${documents}` }),
    /** How a look goes on, until it ends. */
    sourceEvents: (base: string, id: number, { signal }: { signal?: AbortSignal } = {}) =>
      streamed<One>({ method: "GET", path: at(base, "sources", id, "events"), signal }, send),
  };
}
