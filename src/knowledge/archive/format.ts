/**
 * What a file holds that a base was exported to: `docs/knowledge-export.md` describes it. Version 1 is a
 * tar archive, packed by gzip, of `manifest.json`; for each document `documents/NNNNNNNN.json` and, with vectors, `vectors/NNNNNNNN.f32`;
 * `questions.json`; and at the end `SHA256SUMS`, one line for each file before it.
 */
import { z } from "zod";
import { Invalid } from "../../errors.ts";
import { PARSE_LIMITS } from "../parse/limits.ts";

export const FORMAT = "puna-knowledge";
export const VERSION = 1;

const MOST_DOCUMENTS = 1_000_000;
const MOST_DIMENSIONS = 65_536;

const count = z.int().min(0);
const finite = z.number();

const measure = z.object({
  anchors: z.object({ chance: finite, absent: finite, present: finite }).optional(),
  finds: finite,
  passages: count,
});

const manifestShape = z.object({
  format: z.literal(FORMAT),
  version: z.int(),
  name: z.string().max(200),
  created_at: count,
  exported_at: count,
  settings: z.object({
    embedder: z.string().min(1).max(500).optional(),
    passage_tokens: count,
    most_passage_tokens: count,
    model: z.string().min(1).max(500).optional(),
    mode: z.enum(["chat", "query"]).optional(),
    refusal: z.string().min(1).max(2000).optional(),
    threshold: finite.optional(),
  }),
  documents: count.max(MOST_DOCUMENTS),
  passages: count,
  questions: count,
  /** What scores mean in the base, as it was measured. */
  measure: measure.nullable(),
  vectors: z
    .object({
      embedder: z.string().min(1).max(500),
      digest: z.string().min(1).max(500),
      dimensions: z.int().min(1).max(MOST_DIMENSIONS),
      measure: measure.nullable(),
    })
    .nullable(),
});

const kinds = z.enum(["heading", "paragraph", "list", "table", "code"]);
/** Offsets count in it: what is no character in it cannot be replaced. */
const exactText = z
  .string()
  .max(PARSE_LIMITS.characters)
  .refine((value) => !/[\p{Cs}\0]/u.test(value), "has what is no character");
/** Lone surrogates and NULs, which a file's name may have. */
export const text = z.string().transform((value) => value.replace(/[\p{Cs}\0]/gu, "\uFFFD"));

const documentShape = z.object({
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
  bytes: count,
  name: text,
  title: text,
  language: text.optional(),
  pages: count.optional(),
  notes: z.array(text),
  modified_at: z.int().optional(),
  added_at: count,
  places: z.array(z.object({ place: text, bytes: count.optional(), modified_at: z.int().optional() })),
  text: exactText,
  blocks: z.array(
    z.object({
      start: count,
      end: count,
      kind: kinds,
      level: count.optional(),
      page: count.optional(),
      headerRow: text.optional(),
      symbol: text.optional(),
    }),
  ),
  passages: z.array(
    z.object({
      start: count,
      end: count,
      page: count.optional(),
      kind: kinds,
      headings: z.array(text),
      header_row: text.optional(),
      symbol: text.optional(),
      tokens: count,
    }),
  ),
});

export type Manifest = z.output<typeof manifestShape>;
export type ArchivedDocument = z.output<typeof documentShape>;

export const MANIFEST = "manifest.json";
export const QUESTIONS = "questions.json";
export const SUMS = "SHA256SUMS";

/** From 1. */
export function documentName(number: number): string {
  return `documents/${String(number).padStart(8, "0")}.json`;
}

export function vectorsName(number: number): string {
  return `vectors/${String(number).padStart(8, "0")}.f32`;
}

/** Throws Invalid. */
export function readManifest(bytes: Uint8Array): Manifest {
  const value = parsed(bytes, MANIFEST);
  const { format, version } = (typeof value === "object" && value !== null ? value : {}) as Record<string, unknown>;
  if (format !== FORMAT) throw new Invalid("the file is no export of a knowledge base");
  if (typeof version === "number" && version > VERSION) {
    throw new Invalid(`the file was written by a newer Puna (format ${version}, this one knows ${VERSION}): update Puna`);
  }
  return shaped(manifestShape, value, MANIFEST);
}

/** With all its offsets checked. Throws Invalid. */
export function readDocumentEntry(bytes: Uint8Array, name: string): ArchivedDocument {
  const document = shaped(documentShape, parsed(bytes, name), name);
  let at = 0;
  for (const { start, end } of document.blocks) {
    if (start < at || end < start || end > document.text.length) throw wrong(name, "a block is not where it can be");
    at = end;
  }
  at = 0;
  for (const { start, end } of document.passages) {
    if (start < at || end <= start || end > document.text.length) throw wrong(name, "a passage is not where it can be");
    at = start;
  }
  return document;
}

/** Text, however large it says it is, as JSON. Throws Invalid. */
export function parsed(bytes: Uint8Array, name: string): unknown {
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch (cause) {
    throw new Invalid(`${name} in the file is no JSON`, { cause });
  }
}

export function shaped<Shape extends z.ZodType>(shape: Shape, value: unknown, name: string): z.output<Shape> {
  const result = shape.safeParse(value);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  throw wrong(name, `${issue?.path.join(".") ?? ""}: ${issue?.message ?? "it has another shape"}`);
}

export function wrong(name: string, what: string): Invalid {
  return new Invalid(`${name} in the file cannot be: ${what}`);
}
