/** `puna kb search BASE QUERY`: passages with their places and scores. */
import { Invalid } from "../../../errors.ts";
import type { Context } from "../../context.ts";
import { excerpt } from "../../knowledge/excerpt.ts";
import { type FilterFlags, filtersOf } from "../../knowledge/filters.ts";
import { placeOf } from "../../knowledge/place.ts";
import type { HitReply } from "../../knowledge/wire.ts";
import { clipped } from "../../terminal/clip.ts";
import { bold, grey, type Terminal } from "../../terminal/terminal.ts";
import { textWidth } from "../../terminal/width.ts";

export interface SearchFlags extends FilterFlags {
  limit?: string;
  json?: boolean;
}

/** The best first. Throws Invalid for a limit or a date that is none. */
export async function search(
  { client, terminal, now }: Pick<Context, "client" | "terminal" | "now">,
  base: string,
  query: string,
  { json, limit, ...flags }: SearchFlags,
): Promise<void> {
  const filters = await filtersOf(flags, { client, base, now: now() });
  const reply = await client.knowledge.search(base, {
    query,
    ...(limit !== undefined && { limit: limitOf(limit) }),
    ...(filters && { filters }),
  });
  if (json) return terminal.out(`${JSON.stringify(reply)}\n`);
  for (const notice of reply.notices) terminal.err(`Note: ${notice}\n`);
  if (reply.hits.length === 0) return terminal.err("Nothing was found.\n");
  terminal.out(reply.hits.map((hit, i) => described(hit, i + 1, query, terminal)).join("\n"));
  if (reply.best < reply.threshold) {
    const scores = `best score ${Math.round(reply.best)}, threshold ${Math.round(reply.threshold)}`;
    terminal.err(`\nNote: a question like this would be refused: it is likely about something else (${scores})\n`);
  }
}

/** The place with the score at the right edge, and the excerpt below. */
function described(hit: HitReply, number: number, query: string, terminal: Terminal): string {
  const score = String(Math.round(hit.score));
  const room = terminal.outIsTty ? Math.max(20, terminal.columns() - 4 - score.length - 4) : Number.POSITIVE_INFINITY;
  const place = clippedEnd(placeOf(hit), room);
  const gap = " ".repeat(terminal.outIsTty ? Math.max(2, room - textWidth(place) + 2) : 2);
  const head = `${String(number).padStart(2)}  ${bold(place, terminal)}${gap}${grey(score, terminal)}\n`;
  return head + excerpt(hit.text, query, terminal);
}

function clippedEnd(text: string, room: number): string {
  return textWidth(text) <= room ? text : `${clipped(text, room - 1)}…`;
}

function limitOf(text: string): number {
  if (!/^[1-9]\d{0,3}$/.test(text))
    throw new Invalid(`invalid value for --limit: ${JSON.stringify(text)} (must be a whole number)`);
  return Number(text);
}
