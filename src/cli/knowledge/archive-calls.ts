/** The calls that bring a whole base out and in. */
import type { Readable } from "node:stream";
import { accepted, answered } from "../exchange.ts";
import type { Send } from "../transport.ts";
import { at } from "./path.ts";
import type { BaseReply } from "./wire.ts";

export function archiveCalls(send: Send) {
  return {
    /** The bytes as they come. Reading them throws when the server breaks off. */
    async export(
      name: string,
      { vectors, signal }: { vectors: boolean; signal?: AbortSignal | undefined },
    ): Promise<AsyncIterable<Uint8Array>> {
      return (await accepted({ method: "GET", path: `${at(name, "export")}?vectors=${vectors}`, signal }, send)).body;
    },
    async import(
      stream: Readable,
      { name, signal }: { name?: string | undefined; signal?: AbortSignal | undefined },
    ): Promise<BaseReply & { notices: string[] }> {
      const query = name === undefined ? "" : `?name=${encodeURIComponent(name)}`;
      const body = { stream, contentType: "application/gzip" };
      return await answered({ method: "POST", path: `/puna/knowledge-import${query}`, body, signal }, send);
    },
  };
}
