/** The number of a job, as a person gives it. */
import { Invalid } from "../../errors.ts";

/** Throws Invalid. */
export function jobNumber(word: string): number {
  if (!/^[1-9]\d{0,14}$/.test(word)) throw new Invalid(`${JSON.stringify(word)} is no number of a job (see 'puna kb jobs BASE')`);
  return Number(word);
}
