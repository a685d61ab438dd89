/** Documents as resources: `puna://knowledge/NAME/ID`. */
import type { Client } from "../client.ts";
import { INVALID_PARAMS, RpcError } from "./json-rpc.ts";
import type { Handlers } from "./protocol.ts";
import { Bases } from "./tools.ts";

const PAGE = 100;
const URI = /^puna:\/\/knowledge\/([^/]+)\/([1-9]\d{0,14})$/;

/** `resources/list`, `resources/templates/list` and `resources/read`. */
export function resourceHandlers(client: Client, only: readonly string[]): Handlers {
  const basesOf = (signal: AbortSignal) => new Bases(client.until(signal).knowledge, only);
  return {
    async "resources/list"({ cursor }, signal) {
      const bases = basesOf(signal);
      const names = (await bases.all()).map(({ name }) => name);
      const [at, after] = cursor === undefined ? [names[0], 0] : parseCursor(cursor);
      if (at === undefined) return { resources: [] };
      const { documents, next } = await bases.knowledge.documents(await bases.chosen({ base: at }), { after, limit: PAGE });
      const following: [string | undefined, number] = next === null ? [names[names.indexOf(at) + 1], 0] : [at, next];
      return {
        resources: documents.map(({ id, name, title }) => ({
          uri: uriOf(at, id),
          name,
          title,
          mimeType: "text/plain",
        })),
        ...(following[0] !== undefined && { nextCursor: JSON.stringify(following) }),
      };
    },
    "resources/templates/list": () => ({
      resourceTemplates: [
        {
          uriTemplate: "puna://knowledge/{base}/{document}",
          name: "document",
          title: "The text of a document, by its number",
          mimeType: "text/plain",
        },
      ],
    }),
    async "resources/read"({ uri }, signal) {
      const [, base = "", id = ""] = (typeof uri === "string" && URI.exec(uri)) || [];
      if (id === "") throw new RpcError(INVALID_PARAMS, "there is no such resource", { uri });
      const bases = basesOf(signal);
      const { text } = await bases.knowledge.text(await bases.chosen({ base: decoded(base) }), Number(id));
      return { contents: [{ uri, mimeType: "text/plain", text }] };
    },
  };
}

function uriOf(base: string, document: number): string {
  return `puna://knowledge/${encodeURIComponent(base)}/${document}`;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function parseCursor(cursor: unknown): [string, number] {
  try {
    const [base, after] = JSON.parse(String(cursor));
    if (typeof base === "string" && Number.isSafeInteger(after)) return [base, after];
  } catch {}
  throw new RpcError(INVALID_PARAMS, "this cursor is not one of ours");
}
