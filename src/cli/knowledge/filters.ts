/** Flags that limit a search to some documents. */
import { existsSync } from "node:fs";
import path from "node:path";
import { Invalid } from "../../errors.ts";
import type { Client } from "../client.ts";
import { placeOfPath } from "./gather.ts";
import type { Filters } from "./wire.ts";

export interface FilterFlags {
  folder?: string;
  language?: string;
  since?: string;
}

const DAY_MS = 86_400_000;

/** Undefined without any. Throws Invalid for a date that is none. */
export async function filtersOf(
  { folder, language, since }: FilterFlags,
  { client, base, now }: { client: Pick<Client, "knowledge">; base: string; now: Date },
): Promise<Filters | undefined> {
  const languages = language
    ?.split(",")
    .map((word) => word.trim().toLowerCase())
    .filter(Boolean);
  const filters: Filters = {
    ...(folder !== undefined && { folder: await folderOf(folder, client, base) }),
    ...(languages && { languages }),
    ...(since !== undefined && { since: timeOf(since, now) }),
  };
  return Object.keys(filters).length > 0 ? filters : undefined;
}

/** A folder here is meant by its whole path: as `add` keeps it, or as the server found it, whichever the base knows. */
async function folderOf(folder: string, { knowledge }: Pick<Client, "knowledge">, base: string): Promise<string> {
  if (!existsSync(folder)) return folder;
  const [sent, found] = [placeOfPath(folder), path.resolve(folder)];
  for await (const { places } of knowledge.allDocuments(base)) {
    if (places.some((place) => place.startsWith(`${sent}/`))) return sent;
    if (places.some((place) => place.startsWith(`${found}/`))) return found;
  }
  return folder;
}

/** A day begins here, in the time of this machine. */
function timeOf(text: string, now: Date): number {
  const days = /^(\d{1,5})d$/.exec(text.trim())?.[1];
  if (days !== undefined) return now.getTime() - Number(days) * DAY_MS;
  const [, year, month, day] = /^(\d{4})-(\d{2})-(\d{2})$/.exec(text.trim()) ?? [];
  const date = new Date(Number(year), Number(month) - 1, Number(day));
  if (Number.isNaN(date.getTime()) || date.getDate() !== Number(day))
    throw new Invalid(`invalid date ${JSON.stringify(text)}: write it as 2026-01-31, or as 30d for thirty days ago`);
  return date.getTime();
}
