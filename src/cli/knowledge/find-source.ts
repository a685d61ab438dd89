/** The source that a word names: by its number, path or address. */
import path from "node:path";
import { NotFound } from "../../errors.ts";
import type { Context } from "../context.ts";
import type { SourceReply } from "./source-wire.ts";

/** Throws NotFound. */
export async function findSource({ client }: Pick<Context, "client">, base: string, word: string): Promise<SourceReply> {
  const sources = await client.knowledge.sources(base);
  const found =
    sources.find(({ id }) => String(id) === word) ??
    sources.find(({ location }) => location === word || location === path.resolve(word));
  if (!found) throw new NotFound(`${base} watches no ${JSON.stringify(word)} (see 'puna kb watch ${base}')`);
  return found;
}
