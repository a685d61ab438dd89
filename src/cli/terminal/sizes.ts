/** Sizes as people write them: `16GB`, `512 MB`, `1.5g`. Decimal units, as everywhere in the output. */
import { Invalid } from "../../errors.ts";

/** Bytes. Throws Invalid for a text that is no size; `what` is what it should have been. */
export function parseSize(text: string, what: string): number {
  const [, digits, unit = ""] = /^(\d+(?:\.\d+)?)\s*([kmgt]?)(?:i?b)?$/i.exec(text.trim()) ?? [];
  const bytes = Math.floor(Number(digits) * 1000 ** ["", "k", "m", "g", "t"].indexOf(unit.toLowerCase()));
  if (digits === undefined || !(bytes > 0))
    throw new Invalid(`invalid ${what} ${JSON.stringify(text)}: write it as 16GB or 512MB`);
  return bytes;
}
