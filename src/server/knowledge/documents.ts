/** /puna/knowledge/{base}/documents: what a base holds, down to the borders of its passages. */
import type { Context } from "hono";
import { z } from "zod";
import type { Document } from "../../knowledge/rows/documents.ts";
import type { StoredPassage } from "../../knowledge/rows/passages.ts";
import type { Deps } from "../deps.ts";
import { endpoint, idIn } from "./endpoint.ts";
import { nextShape, paged, pageQuery } from "./page.ts";
import { requestedBase, time } from "./requested.ts";

const PATH = "/puna/knowledge/:base/documents";

const documentShape = z
  .object({
    id: z.int(),
    name: z.string(),
    title: z.string(),
    places: z.array(z.string()).describe("Every path, URL or name it was found at"),
    bytes: z.int(),
    sha256: z.string().describe("Of the bytes it was read from"),
    language: z.string().nullable(),
    pages: z.int().nullable(),
    passages: z.int(),
    notes: z.array(z.string()).describe("What could not be read or was left out"),
    modified_at: z.string().nullable().describe("The source's own date"),
    added_at: z.string(),
  })
  .meta({ id: "Document" });

const kinds = z.enum(["heading", "paragraph", "list", "table", "code"]);
const offset = z.int().describe("In UTF-16 code units of the document's text");

const blockShape = z.object({
  start: offset,
  end: offset,
  kind: kinds,
  level: z.int().optional().describe("Of a heading: 1 is the outermost"),
  page: z.int().optional(),
  header_row: z.string().optional(),
  symbol: z.string().optional(),
});

const passageShape = z
  .object({
    id: z.int(),
    start: offset,
    end: offset,
    page: z.int().nullable(),
    kind: kinds,
    headings: z.array(z.string()),
    header_row: z.string().nullable().describe("Of the later rows of a table: the line that names the columns"),
    symbol: z.string().nullable(),
    text: z.string(),
  })
  .meta({ id: "Passage" });

export const documentEndpoints = [
  endpoint({
    method: "GET",
    path: PATH,
    summary: "Lists the documents of a base",
    query: pageQuery,
    gives: z.object({ documents: z.array(documentShape), next: nextShape }),
    handle({ c, deps, query: { limit, after } }) {
      const rows = deps.knowledge.documents(requestedBase(deps, c).id, { limit: limit + 1, after });
      const { page, next } = paged(rows, limit);
      return { documents: page.map(wireDocument), next };
    },
  }),
  endpoint({
    method: "GET",
    path: `${PATH}/:id`,
    summary: "One document",
    gives: documentShape,
    handle: ({ c, deps }) => wireDocument(requestedDocument(deps, c)),
  }),
  endpoint({
    method: "DELETE",
    path: `${PATH}/:id`,
    summary: "Removes a document",
    status: 204,
    async handle({ c, deps }) {
      const { base, id } = requestedDocument(deps, c);
      await deps.knowledge.removeDocument(base, id);
    },
  }),
  endpoint({
    method: "GET",
    path: `${PATH}/:id/text`,
    summary: "The text of a document, in which all offsets count, with its blocks",
    gives: z.object({ document: documentShape, text: z.string(), blocks: z.array(blockShape) }),
    handle({ c, deps }) {
      const document = requestedDocument(deps, c);
      const { text, blocks } = deps.knowledge.text(document.base, document.id);
      const wire = blocks.map(({ headerRow, ...block }) => ({
        ...block,
        ...(headerRow !== undefined && { header_row: headerRow }),
      }));
      return { document: wireDocument(document), text, blocks: wire };
    },
  }),
  endpoint({
    method: "GET",
    path: `${PATH}/:id/passages`,
    summary: "The passages of a document with their borders",
    query: pageQuery,
    gives: z.object({ passages: z.array(passageShape), next: nextShape }),
    handle({ c, deps, query: { limit, after } }) {
      const { base, id } = requestedDocument(deps, c);
      const { page, next } = paged(deps.knowledge.passages(base, id, { limit: limit + 1, after }), limit);
      return { passages: page.map(wirePassage), next };
    },
  }),
];

function requestedDocument(deps: Deps, c: Context): Document {
  return deps.knowledge.document(requestedBase(deps, c).id, idIn(c));
}

function wireDocument({ base: _, modifiedAt, addedAt, language, pages, ...document }: Document): z.input<typeof documentShape> {
  const times = { modified_at: time(modifiedAt), added_at: time(addedAt) };
  return { ...document, language: language ?? null, pages: pages ?? null, ...times };
}

function wirePassage({
  id,
  start,
  end,
  page,
  kind,
  headings,
  headerRow,
  symbol,
  text,
}: StoredPassage): z.input<typeof passageShape> {
  return { id, start, end, page: page ?? null, kind, headings, header_row: headerRow ?? null, symbol: symbol ?? null, text };
}
