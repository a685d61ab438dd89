/** Which documents are looked at, as requests say it. */
import { z } from "zod";
import type { DocumentFilter } from "../../knowledge/rows/documents.ts";

const moment = z
  .union([z.number(), z.iso.date(), z.iso.datetime({ offset: true })])
  .transform((value) => (typeof value === "number" ? value : Date.parse(value)))
  .describe("A date such as 2026-11-26, or milliseconds since 1970");

export const filterFields = z.object({
  documents: z.array(z.int()).nullish().describe("Ids of documents"),
  folder: z.string().nullish().describe("Found in this folder, or below it"),
  since: moment.nullish(),
  until: moment.nullish(),
  languages: z.array(z.string()).nullish().describe("Such as en and zh"),
});

export function filtersOf(fields: z.output<typeof filterFields> | null | undefined): DocumentFilter {
  const given = Object.entries(fields ?? {}).filter(([, value]) => value !== undefined && value !== null);
  return Object.fromEntries(given);
}
