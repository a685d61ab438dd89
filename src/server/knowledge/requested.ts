/** The base that a path names. */
import type { Context } from "hono";
import type { Base } from "../../knowledge/rows/bases.ts";
import type { Deps } from "../deps.ts";
import { forbiddenText } from "../guard/allowed-models.ts";
import { nameOfBase } from "./asked.ts";

/** Throws NotFound, and 403 for a key that is not for it. */
export function requestedBase({ knowledge }: Pick<Deps, "knowledge">, c: Context): Base {
  return requireAllowed(knowledge.named((c.req.param("base") ?? "").normalize("NFC")));
}

/** The base, when the request's key is for it. Throws 403. */
export function requireAllowed<T extends Pick<Base, "name">>(base: T): T {
  const refused = forbiddenText(nameOfBase(base));
  if (refused) throw refused;
  return base;
}

/** Milliseconds since 1970 as clients read them. */
export function time(ms: number): string;
export function time(ms: number | undefined): string | null;
export function time(ms: number | undefined): string | null {
  return ms === undefined ? null : new Date(ms).toISOString();
}
