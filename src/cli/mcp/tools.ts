/** The tools of the MCP server: what a model may do with knowledge bases. All of them only read. */
import { Invalid, messageOf, NotFound } from "../../errors.ts";
import type { Client } from "../client.ts";
import { placeOf } from "../knowledge/place.ts";
import type { BaseReply } from "../knowledge/wire.ts";
import { type Arguments, integer, text, words } from "./arguments.ts";
import { INVALID_PARAMS, isRecord, RpcError } from "./json-rpc.ts";
import type { Handlers } from "./protocol.ts";

const MOST_HITS = 20;
const MOST_CHARACTERS = 20_000;
const DOCUMENTS_PAGE = 200;

type Knowledge = Client["knowledge"];

interface Tool {
  title: string;
  description: string;
  properties: Record<string, object>;
  required?: string[];
  call(bases: Bases, args: Arguments): Promise<string>;
}

const base = { type: "string", description: "Name of the knowledge base; not needed when there is only one" };

const tools: Record<string, Tool> = {
  list_bases: {
    title: "List knowledge bases",
    description: "Lists the user's knowledge bases with how many documents each holds.",
    properties: {},
    async call(bases) {
      const all = await bases.all();
      if (all.length === 0) return "There are no knowledge bases yet. The user can make one with: puna kb create NAME";
      return all.map(({ name, documents, passages }) => `${name}: ${documents} documents, ${passages} passages`).join("\n");
    },
  },
  search: {
    title: "Search documents",
    description:
      "Finds passages of the user's documents by words and, where the base has an embedding model, by meaning; in any language. Each comes with its document, page, character range and a score from 0 to 100.",
    properties: {
      query: { type: "string", description: "A question or some words" },
      base,
      limit: { type: "integer", minimum: 1, maximum: MOST_HITS, description: "How many passages at most; 8 without it" },
      folder: { type: "string", description: "Only documents in this folder" },
      languages: {
        type: "array",
        items: { type: "string" },
        description: "Only documents in these languages, such as en and zh",
      },
    },
    required: ["query"],
    async call(bases, args) {
      const name = await bases.chosen(args);
      const folder = text(args, "folder", "");
      const languages = words(args, "languages");
      const { hits, best, threshold, notices } = await bases.knowledge.search(name, {
        query: text(args, "query"),
        limit: integer(args, "limit", { least: 1, most: MOST_HITS }) ?? 8,
        filters: { ...(folder !== "" && { folder }), ...(languages.length > 0 && { languages }) },
      });
      if (hits.length === 0) return `Nothing was found in '${name}'.`;
      const found = hits.map(
        (hit, i) =>
          `[${i + 1}] ${placeOf(hit)} (document ${hit.document_id}, characters ${hit.start}-${hit.end}, score ${Math.round(hit.score)})\n${hit.text}`,
      );
      const verdict =
        best < threshold
          ? `\n\nThe best score is ${Math.round(best)}, below the threshold ${Math.round(threshold)}: the documents likely do not answer this.`
          : "";
      return found.join("\n\n") + verdict + notices.map((notice) => `\n\nNote: ${notice}`).join("");
    },
  },
  list_documents: {
    title: "List documents",
    description: "Lists the documents of a knowledge base with their numbers, which `read` takes.",
    properties: { base, after: { type: "integer", minimum: 0, description: "Go on after this document's number" } },
    async call(bases, args) {
      const name = await bases.chosen(args);
      const after = integer(args, "after", { least: 0 }) ?? 0;
      const { documents, next } = await bases.knowledge.documents(name, { after, limit: DOCUMENTS_PAGE });
      if (documents.length === 0) return after === 0 ? `'${name}' holds no documents.` : "There are no more documents.";
      const lines = documents.map(({ id, name: document, title, pages, language }) =>
        [`${id}: ${document}`, title !== document && title, pages && `${pages} pages`, language].filter(Boolean).join(", "),
      );
      return lines.join("\n") + (next === null ? "" : `\n\nThere are more: go on with after ${next}.`);
    },
  },
  read: {
    title: "Read a document",
    description: `Gives the text of a document, or a range of it: the characters of a passage that was found, or what stands around it. At most ${MOST_CHARACTERS} characters at a time.`,
    properties: {
      document: { type: "integer", description: "Number of the document, from search or list_documents" },
      base,
      start: { type: "integer", minimum: 0, description: "First character; the beginning without it" },
      end: { type: "integer", minimum: 0, description: "Behind the last character" },
    },
    required: ["document"],
    async call(bases, args) {
      const id = integer(args, "document", { least: 1 });
      if (id === undefined) throw new Invalid("document is required");
      const { document, text: whole } = await bases.knowledge.text(await bases.chosen(args), id);
      const start = Math.min(integer(args, "start", { least: 0 }) ?? 0, whole.length);
      const wanted = integer(args, "end", { least: 0 }) ?? whole.length;
      const end = Math.max(start, Math.min(wanted, whole.length, start + MOST_CHARACTERS));
      const head = `${document.name}, characters ${start}-${end} of ${whole.length}`;
      const more = end < Math.min(wanted, whole.length) ? `\n\n(cut off here: go on with start ${end})` : "";
      return `${head}\n\n${unbroken(whole.slice(start, end))}${more}`;
    },
  },
};

/** A range may begin or end inside a character of two code units. */
function unbroken(text: string): string {
  return text.replace(/\p{Surrogate}/gu, "");
}

/** The bases that the client may see: all, or those that the user named. */
export class Bases {
  readonly knowledge: Knowledge;
  readonly #only: readonly string[];

  constructor(knowledge: Knowledge, only: readonly string[]) {
    this.knowledge = knowledge;
    this.#only = only;
  }

  async all(): Promise<BaseReply[]> {
    const all = await this.knowledge.bases();
    return this.#only.length === 0 ? all : all.filter(({ name }) => this.#sees(name));
  }

  /** The one that the arguments name, or the only one. Throws NotFound and Invalid. */
  async chosen(args: Arguments): Promise<string> {
    const named = text(args, "base", "");
    const names = (await this.all()).map(({ name }) => name);
    if (named === "" && names.length === 1 && names[0] !== undefined) return names[0];
    const known = names.length === 0 ? "there are none" : `there are: ${names.join(", ")}`;
    if (named === "") throw new Invalid(`base is required; ${known}`);
    const found = names.find((name) => name.toLowerCase() === named.toLowerCase());
    if (found === undefined) throw new NotFound(`there is no knowledge base ${JSON.stringify(named)}; ${known}`);
    return found;
  }

  #sees(name: string): boolean {
    return this.#only.some((one) => one.toLowerCase() === name.toLowerCase());
  }
}

/** `tools/list` and `tools/call`. What goes wrong in a tool is told to the model, which may do better next time. */
export function toolHandlers(client: Client, only: readonly string[]): Handlers {
  return {
    "tools/list": () => ({ tools: Object.entries(tools).map(([name, tool]) => described(name, tool)) }),
    async "tools/call"({ name, arguments: args = {} }, signal) {
      const tool = typeof name === "string" && Object.hasOwn(tools, name) ? tools[name] : undefined;
      if (!tool) throw new RpcError(INVALID_PARAMS, `there is no tool ${JSON.stringify(name)}`);
      try {
        if (!isRecord(args)) throw new Invalid("the arguments are a JSON object");
        const bases = new Bases(client.until(signal).knowledge, only);
        return { content: [{ type: "text", text: await tool.call(bases, args) }], isError: false };
      } catch (error) {
        return { content: [{ type: "text", text: `Error: ${messageOf(error)}` }], isError: true };
      }
    },
  };
}

function described(name: string, { title, description, properties, required = [] }: Tool): object {
  return {
    name,
    title,
    description,
    inputSchema: { type: "object", properties, required, additionalProperties: false },
    annotations: { title, readOnlyHint: true, openWorldHint: false },
  };
}
